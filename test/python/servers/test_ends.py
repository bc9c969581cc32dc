"""Why a server ended, from what its engine and its log say."""

import pytest

from jupyterhub_on_docker.servers import ends
from jupyterhub_on_docker.servers.failures import Circumstances
from jupyterhub_on_docker.servers.texts import line

WHERE = Circumstances(stack="dev")


def container(code, memory=0, processes=0, **state):
    return {
        "State": {"Status": "exited", "ExitCode": code, "OOMKilled": False, "Error": "", **state},
        "HostConfig": {"Memory": memory, "PidsLimit": processes},
    }


@pytest.mark.parametrize(
    ("found", "log", "sentence", "detail"),
    [
        (
            container(137, memory=600 * 1024**2, OOMKilled=True),
            [],
            "killed because it used all of its memory (600 MiB)",
            "killed for memory: the limit (600 MiB) was reached (OOMKilled, exit code 137)",
        ),
        (container(137), [], "perhaps because its host ran out of memory", "not by its own memory limit"),
        (
            container(1, processes=64),
            ["RuntimeError: can't start new thread"],
            "its limit (64) was reached",
            "limit of processes (64), by its log (exit code 1)",
        ),
        (container(1), ["OSError: [Errno 28] No space left on device"], "a disk is full", "full disk"),
        (container(143), [], "stopped from outside the hub", "docker stop"),
        (
            container(127),
            ["[FATAL tini (7)] exec jupyterhub-singeluser failed: No such file or directory"],
            "does not have the program that starts it",
            "jupyterhub-singeluser: No such file or directory. The image needs jupyterhub-singleuser, or set "
            "the command: notebook.command (exit code 127)",
        ),
        (container(3), ["Traceback"], "ended with an error (exit code 3)", "exit code 3"),
        (
            container(1, OOMKilled=True),
            [],
            "ended with an error (exit code 1)",
            "after a process in it was killed for memory (OOMKilled)",
        ),
        (
            container(127, Error='exec: "jupyterhub-singleuser": executable file not found in $PATH'),
            [],
            "does not have the program",
            "notebook.command",
        ),
    ],
)
def test_the_reason(found, log, sentence, detail):
    reason = ends.of_container(found, log, WHERE)
    assert sentence in reason.sentence
    assert detail in reason.detail


def test_who_shuts_a_server_down_is_told_nothing_of_it():
    assert ends.of_container(container(0), [], WHERE).sentence == ""
    assert ends.stopped(container(143)).sentence == ""
    # A kernel was killed an hour ago: not the reason, and still worth a word.
    assert "killed for memory before" in ends.stopped(container(0, OOMKilled=True)).detail


def test_the_last_lines_are_bounded_and_cannot_write_to_a_terminal():
    log = b"".join(b"%d\n" % number for number in range(1000))
    assert ends.last_lines(log) == [str(number) for number in range(800, 1000)]
    assert sum(len(one) for one in ends.last_lines(b"x" * 100_000)) == ends.LOG_BYTES
    log = b"\x1b[31mred\x1b[0m\x1b]0;title\x07 \xff \x07\rend\npassword=hunter2\n"
    assert ends.last_lines(log) == ["red \N{REPLACEMENT CHARACTER} end", "password=…"]


def test_a_line_is_one_line():
    assert line("a\n\tb\x1b[2J") == "a b"
    assert line("x" * 1000, longest=10) == "x" * 10 + "…"


@pytest.mark.parametrize(
    ("count", "text"), [(512, "512 bytes"), (600 * 1024**2, "600 MiB"), (3 * 1024**3 // 2, "1.5 GiB")]
)
def test_sizes(count, text):
    assert ends.size(count) == text
