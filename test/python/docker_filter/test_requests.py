"""The filter against requests that are none, too many or too large: 4xx, a short line in the log."""

import json
import re
import socket
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import asked
from helpers.engine import Engine, filtering, serving
from helpers.fuzz import fuzzed
from jupyterhub_on_docker.docker_filter import rules, server
from jupyterhub_on_docker.docker_filter.listener import CONNECTIONS
from jupyterhub_on_docker.docker_filter.server import DockerFilter
from jupyterhub_on_docker.docker_filter.settings import FilterSettings

# Requests that are none, or that two readers would take for two: what is sent, byte for byte.
END = b" HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKS = b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
TWO = b"Content-Length: 2\r\n\r\n{}"
PING = b"GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
HEAD = b"POST /v1.41/volumes/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
REQUESTS = {
    "gzip that is none": HEAD + b"Content-Encoding: gzip\r\n" + TWO,
    "gzip of a body that is taken": HEAD + b"Content-Encoding: deflate\r\n" + TWO,
    "brotli": HEAD + b"Content-Encoding: br\r\n" + TWO,
    "gzip where no body is": b"GET /_ping HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n" + TWO,
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a negative length": HEAD + b"Content-Length: -2\r\n\r\n{}",
    "a length with a sign": HEAD + b"Content-Length: +2\r\n\r\n{}",
    "a length of other digits": HEAD + "Content-Length: \u0662\r\n\r\n{}".encode(),
    "a huge length": HEAD + b"Content-Length: 99999999999999999999\r\n\r\n{}",
    "length and chunks": HEAD + b"Content-Length: 2\r\n" + CHUNKS,
    "chunks of no size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "chunks twice": HEAD + b"Transfer-Encoding: chunked, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "an unknown encoding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a bare line feed": b"POST /v1.41/volumes/create HTTP/1.1\nHost: x\nContent-Length: 2\n\n{}",
    "a header with a blank": HEAD + b"Content-Length : 2\r\n\r\n{}",
    "a header that goes on": HEAD + b"X: a\r\n b\r\n" + TWO,
    "no host": b"GET /v1.41/info HTTP/1.1\r\n\r\n",
    "an unknown version": b"GET /_ping HTTP/9.9\r\n\r\n",
    "no version": b"GET /_ping\r\n\r\n",
    "a long line": b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
    "a long header": HEAD + b"X: " + b"a" * 20_000 + b"\r\n" + TWO,
    "many headers": HEAD + b"X: a\r\n" * 5_000 + b"" + TWO,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "no UTF-8 in the path": b"GET /v1.41/containers/jh-user-\xff\xfe/json" + END,
    "no UTF-8 in the query": b"GET /v1.41/tasks?filters=%ff" + END,
    "half a pair in the query": b"GET /v1.41/tasks?filters=%7B%22label%22:%5B%22%5Cud800%22%5D%7D" + END,
    "labels that are no texts": b"GET /v1.41/tasks?filters=%7B%22label%22:%5B%7B%7D%5D%7D" + END,
    "deep filters": b"GET /v1.41/tasks?filters=" + b"%5B" * 2_000 + b"" + END,
    "an absolute address": b"GET http://x/v1.41/info" + END,
    "a tunnel": b"CONNECT engine:80" + END,
    "a star": b"OPTIONS *" + END,
    "another protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an expectation": HEAD + b"Expect: 200-maybe\r\n" + TWO,
    "a body that is deep": HEAD + b"Content-Length: 100000\r\n\r\n" + b"[" * 100_000,
    "a large body": HEAD + b"Content-Length: 600000\r\n\r\n" + b" " * 600_000,
    "a number with many digits": HEAD + b"Content-Length: 10000\r\n\r\n" + b"9" * 10_000,
}  # fmt: skip


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    path = tmp_path_factory.mktemp("fuzz") / "docker.sock"
    accepting = FilterSettings.model_validate({**asked.FILTER, "socket": str(path)})
    with serving(Engine().application(), socket=path), filtering(accepting) as port:
        yield port


def sent(port, data):
    """Status of the answer to what is sent; None where the connection is cut."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        try:
            connection.sendall(data)
            answer = connection.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            return None
    found = re.match(rb"HTTP/1\.[01] (\d+)", answer)
    return found and int(found[1])


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_that_is_none_is_the_callers_fault(port, name, caplog):
    status = sent(port, REQUESTS[name])
    assert status is None or 400 <= status < 500
    assert not [record for record in caplog.records if record.exc_info], caplog.text
    assert all(len(record.getMessage()) < 1500 for record in caplog.records)
    assert sent(port, PING) == 200


def test_a_body_that_ends_early_leaves_nothing(port):
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
    assert sent(port, PING) == 200


def answered(connection):
    """Whether a connection that stays open has its answer, to the end."""
    connection.sendall(PING.replace(b"close", b"keep-alive"))
    answer = b""
    while not answer.endswith(b"OK") and (more := connection.recv(65536)):
        answer += more
    return answer.startswith(b"HTTP/1.1 200")


def test_connections_over_the_limit_are_cut_and_take_nothing_from_those_that_are_there(tmp_path):
    path = tmp_path / "docker.sock"
    accepting = FilterSettings.model_validate({**asked.FILTER, "socket": str(path)})
    with serving(Engine().application(), socket=path), filtering(accepting) as port, ExitStack() as all_:
        held = [
            all_.enter_context(socket.create_connection(("127.0.0.1", port), 10)) for _ in range(CONNECTIONS)
        ]
        for one in held:
            assert answered(one)
        assert sent(port, PING) is None
        assert answered(held[0])


def test_what_the_filter_remembers_of_servers_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "_KNOWN_SERVERS", 3)
    engine, path = Engine(), tmp_path / "docker.sock"
    of = DockerFilter(FilterSettings.model_validate({**asked.FILTER, "socket": str(path)}))
    identifiers = [engine.add(f"jh-user-a{at}", labels={"org.jupyterhub.stack": "jh"}) for at in range(8)]
    with serving(engine.application(), socket=path), serving(of.application()) as port:
        for identifier in identifiers * 2:
            get = f"GET /v1.41/containers/{identifier}/json HTTP/1.1\r\nHost: x\r\n\r\n"
            assert sent(port, get.encode()) == 200
    assert list(of._servers) == identifiers[-3:]


def test_what_is_denied_is_a_short_line_of_the_log(port, caplog):
    name = "x" * 3000
    body = json.dumps({"Name": "a\nb" * 9_000, "Labels": {f"{name}{at}": 1 for at in range(50)}}).encode()
    assert sent(port, HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body) == 403
    assert (
        sent(port, f"GET /v1.41/containers/{name}%1bforged/json HTTP/1.1\r\nHost: x\r\n\r\n".encode()) == 403
    )
    lines = [record.getMessage() for record in caplog.records if record.name == "docker-filter"]
    assert len(lines) == 2
    assert all(len(line) < 1000 and line.isprintable() for line in lines)


@fuzzed
@given(
    st.sampled_from([rule.method for rule in rules.RULES] + ["BREW"]),
    st.sampled_from(["/v1.41/containers/{}/start", "/v1.41/tasks?filters={}", "/v1.41/services/{}", "/{}"])
    | st.sampled_from([f"/v1.41{rule.path}?path={{}}&t={{}}" for rule in rules.RULES]),
    st.sampled_from(
        ["jh-user-a", "%00", "%ff", "..", "%2e%2e", "%5Cud800", "%7B%7D", "a" * 3000, "%C5%BF", "?&="]
    ),
    st.binary(max_size=40),
)
def test_no_call_is_more_than_refused(port, method, path, name, body):
    target_ = path.replace("{}", name)
    head = (
        f"{method} {target_} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    status = sent(port, head.encode() + body)
    assert status is None or status < 500, (method, target_, body)
