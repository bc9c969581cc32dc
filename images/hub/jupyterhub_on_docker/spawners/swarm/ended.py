"""Why a server of a Swarm ended, and the end of its log."""

from collections.abc import Sequence

import docker
from docker import APIClient
from docker.errors import DockerException
from requests import RequestException

from ...servers import ends
from ...servers.failures import Circumstances, Reason, explain_text
from ...servers.texts import line
from . import tasks

TIMEOUT = 5
"""Seconds without an answer after which a log is given up."""


def last_lines(engine: APIClient, service: str) -> Sequence[str]:
    """Of a service. On a connection of its own: the log comes from the nodes, and one may be down."""
    try:
        client = docker.APIClient(base_url=engine.base_url, version=engine.api_version, timeout=TIMEOUT)
        try:
            log = client.service_logs(service, stdout=True, stderr=True, tail=str(ends.LINES), is_tty=False)
            return ends.last_lines(b"".join(log))
        finally:
            client.close()
    except (DockerException, RequestException) as error:
        return [f"The log could not be read: {line(str(error))}"]


def reason(
    found: list[tasks.Task], log: Sequence[str], where: Circumstances, memory: int, processes: int
) -> Reason:
    """From all tasks of its service, one of which ended or could not start."""
    code = tasks.exit_code(found)
    if code is None:
        return explain_text(tasks.failure(found) or tasks.state(found).reason, where)
    # A Swarm's tasks do not say whether the kernel killed them for memory.
    return ends.of_exit(code, log, where, killed_for_memory=None, memory=memory, processes=processes)
