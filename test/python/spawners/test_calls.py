"""The threads that calls to the Docker API run in."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from jupyterhub_on_docker.spawners.calls import ConcurrentCalls, InOrder

TIMEOUT = 10


@pytest.fixture
def pool():
    with ThreadPoolExecutor(4) as pool:
        yield pool


def test_calls_of_one_server_follow_each_other(pool):
    order = InOrder(pool)
    running, seen = [], []

    def call(number):
        running.append(number)
        assert running == [number]
        seen.append(number)
        running.remove(number)
        return number

    calls = [order.submit(call, number) for number in range(200)]
    assert [one.result(TIMEOUT) for one in calls] == list(range(200))
    assert seen == list(range(200))


def test_calls_of_different_servers_run_at_the_same_time(pool):
    meet = Barrier(4)
    calls = [InOrder(pool).submit(meet.wait, TIMEOUT) for _ in range(4)]
    assert sorted(one.result(TIMEOUT) for one in calls) == [0, 1, 2, 3]


def test_many_calls_of_one_server_hold_up_no_other():
    with ThreadPoolExecutor(1) as pool:
        begun, go = Event(), Event()
        seen = []
        first, second = InOrder(pool), InOrder(pool)

        def begin():
            begun.set()
            return go.wait(TIMEOUT)

        calls = [first.submit(begin)]
        assert begun.wait(TIMEOUT)
        calls += [first.submit(seen.append, f"first {number}") for number in range(3)]
        calls.append(second.submit(seen.append, "second"))
        go.set()
        for one in calls:
            one.result(TIMEOUT)
        assert seen.index("second") < 2


def test_an_error_is_the_callers_and_the_next_call_runs(pool):
    order = InOrder(pool)

    def fail():
        raise ValueError("no")

    failed, after = order.submit(fail), order.submit(lambda: "yes")
    with pytest.raises(ValueError, match="no"):
        failed.result(TIMEOUT)
    assert after.result(TIMEOUT) == "yes"


def test_one_that_was_given_up_is_not_made(pool):
    order = InOrder(pool)
    begun, go, seen = Event(), Event(), []

    def begin():
        begun.set()
        go.wait(TIMEOUT)

    first = order.submit(begin)
    assert begun.wait(TIMEOUT)
    given_up, last = order.submit(seen.append, "given up"), order.submit(seen.append, "last")
    assert given_up.cancel()
    go.set()
    first.result(TIMEOUT)
    last.result(TIMEOUT)
    assert seen == ["last"]


def test_each_spawner_has_an_order_of_its_own():
    one, other = ConcurrentCalls(), ConcurrentCalls()
    assert one.executor is one.executor
    assert one.executor is not other.executor
