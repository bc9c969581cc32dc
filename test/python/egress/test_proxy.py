"""The egress proxy: who may reach what, and what a person is told."""

import json
import logging
import socket
import time
from urllib.parse import urlsplit

import pytest

from helpers.egress_proxy import KEY, basic
from jupyterhub_on_docker.egress import head, policy
from jupyterhub_on_docker.egress.credentials import Identity, environment, identify, password
from jupyterhub_on_docker.egress.settings import Rule

ALICE = Identity("alice", frozenset({"physics"}))


def rule(host, ports=(443,), groups=None):
    return Rule.model_validate({"host": host, "ports": list(ports), "groups": groups})


class TestCredentials:
    def test_say_who_it_is(self):
        secret = password(KEY, "alice", ["physics"])
        assert identify(KEY, basic("alice", secret)) == ALICE

    def test_the_name_before_the_colon_means_nothing(self):
        assert identify(KEY, basic("bob", password(KEY, "alice", ["physics"]))) == ALICE

    @pytest.mark.parametrize(
        "header",
        [
            None,
            "",
            "Basic",
            "Basic !!!",
            "Bearer x",
            basic("alice", ""),
            basic("alice", "a.b"),
            basic("alice", "a.b.c"),
            basic("alice", password(b"x" * 32, "alice", [])),
        ],
    )
    def test_that_are_not_the_hubs_are_nobodys(self, header):
        assert identify(KEY, header) is None

    def test_cannot_be_given_a_group(self):
        claims, signature = password(KEY, "alice", []).split(".")
        forged, _ = password(b"x" * 32, "alice", ["physics"]).split(".")
        assert claims != forged
        assert identify(KEY, basic("alice", f"{forged}.{signature}")) is None

    def test_are_in_the_variables_that_programs_read(self):
        variables = environment(KEY, "egress", 3128, "ann@x.org", [], ["hub"])
        url = urlsplit(variables["https_proxy"])
        assert (url.hostname, url.port, url.username) == ("egress", 3128, "ann%40x.org")
        assert {variables[name] for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy")} == {
            variables["https_proxy"]
        }
        assert variables["NO_PROXY"] == variables["no_proxy"] == "localhost,127.0.0.1,::1,hub"


class TestPolicy:
    RULES = (rule("index.test"), rule("*.example.org", (80, 443)), rule("data.test", groups=["physics"]))

    @pytest.mark.parametrize(
        ("host", "port"),
        [("index.test", 443), ("Index.Test.", 443), ("a.example.org", 80), ("b.a.example.org", 443)],
    )
    def test_what_is_on_the_list(self, host, port):
        assert policy.check(self.RULES, ALICE, host, port) == host.lower().rstrip(".")

    @pytest.mark.parametrize(
        ("host", "port"),
        [
            ("index.test", 80),
            ("index.test.evil.test", 443),
            ("xindex.test", 443),
            ("example.org", 443),
            ("evilexample.org", 443),
            ("index.com", 443),
        ],
    )
    def test_what_is_not(self, host, port):
        with pytest.raises(policy.Refused, match="is not on this hub's list of allowed hosts"):
            policy.check(self.RULES, ALICE, host, port)

    @pytest.mark.parametrize(
        "host",
        ["1.1.1.1", "10.1", "0x7f.0.0.1", "2130706433", "::1", "[::1]", "hub", "", "a b.org", "index.test\0"],
    )
    def test_no_addresses_and_no_names_of_neighbours(self, host):
        with pytest.raises(policy.Refused, match="only host names are allowed"):
            policy.check((rule("*.example.org"),), ALICE, host, 443)

    def test_a_group_only_has_its_members(self):
        assert policy.check(self.RULES, ALICE, "data.test", 443) == "data.test"
        with pytest.raises(policy.Refused, match="some groups only"):
            policy.check(self.RULES, Identity("bob", frozenset()), "data.test", 443)

    @pytest.mark.parametrize(
        "address",
        [
            "10.1.2.3",
            "127.0.0.1",
            "169.254.169.254",
            "172.31.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::ffff:10.0.0.1",
            "fe80::1",
            "fd00:ec2::254",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "::",
        ],
    )
    def test_one_private_address_is_enough_to_refuse(self, address):
        with pytest.raises(policy.Refused, match="private address"):
            policy.public(["93.184.215.14", address], "x.test")

    def test_public_ones_will_do(self):
        addresses = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]
        assert policy.public(addresses, "x.test") == addresses


class TestHead:
    def test_a_tunnel(self):
        request = head.parse(b"CONNECT index.test:443 HTTP/1.1\r\nProxy-Authorization: Basic x\r\n\r\n")
        assert (request.host, request.port, request.authorization) == ("index.test", 443, "Basic x")
        assert request.forwarded == b""

    def test_what_is_for_the_proxy_stays_here(self):
        request = head.parse(
            b"GET http://a.test:8080/x?y HTTP/1.1\r\nHost: b.test\r\nAccept: */*\r\nConnection: close\r\n"
            b"Proxy-Authorization: Basic x\r\n\r\n"
        )
        assert request.forwarded == (
            b"GET /x?y HTTP/1.1\r\nhost: a.test:8080\r\naccept: */*\r\nconnection: close\r\n\r\n"
        )

    @pytest.mark.parametrize(
        "data",
        [
            b"\x16\x03\x01\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET ftp://a.test/ HTTP/1.1\r\n\r\n",
            b"CONNECT index.test HTTP/1.1\r\n\r\n",
            b"CONNECT index.test:x HTTP/1.1\r\n\r\n",
            b"CONNECT u@index.test:443 HTTP/1.1\r\n\r\n",
            b"GET http://a.test/ HTTP/2\r\n\r\n",
            b"GET http://a.test/ HTTP/1.1\r\nno colon\r\n\r\n",
            b"GET http://a.test/ HTTP/1.1\r\nname : x\r\n\r\n",
        ],
    )
    def test_what_is_no_request(self, data):
        with pytest.raises(head.BadRequest):
            head.parse(data)


def entries(caplog):
    return [json.loads(record.message) for record in caplog.records if record.name == "egress"]


def test_a_tunnel_carries_bytes_both_ways_and_is_logged_with_the_name(ask, echo, caplog):
    caplog.set_level(logging.INFO)
    connection, answer = ask(f"echo.test:{echo}")
    assert answer == "HTTP/1.1 200 Connection established\r\n\r\n"
    connection.sendall(b"x" * 100_000)
    connection.shutdown(socket.SHUT_WR)
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    assert received == b"x" * 100_000
    connection.close()
    deadline = time.monotonic() + 10
    while len(entries(caplog)) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    allowed, closed = entries(caplog)
    assert (allowed["event"], allowed["user"], allowed["host"]) == ("allowed", "alice", "echo.test")
    assert (closed["event"], closed["sent"], closed["received"]) == ("closed", 100_000, 100_000)


def test_plain_http_is_passed_on_without_what_is_the_proxys(ask, echo):
    _, answer = ask(f"http://echo.test:{echo}/path", method="GET")
    assert answer == f"GET /path HTTP/1.1\r\nhost: echo.test:{echo}\r\nconnection: close\r\n\r\n"


def test_a_refusal_says_why_in_its_first_line(ask, caplog):
    caplog.set_level(logging.INFO)
    _, answer = ask("evil.test:443")
    first = answer.splitlines()[0]
    assert first == (
        "HTTP/1.1 403 evil.test:443 is not on this hub's list of allowed hosts. "
        "Ask its administrator to add it"
    )
    assert answer.endswith("add it\n")
    assert entries(caplog)[-1] | {"time": 0} == {
        "time": 0,
        "event": "denied",
        "source": "127.0.0.1",
        "method": "CONNECT",
        "host": "evil.test",
        "port": 443,
        "user": "alice",
        "reason": "evil.test:443 is not on this hub's list of allowed hosts. Ask its administrator to add it",
    }


def test_without_credentials_it_asks_for_them(ask):
    _, answer = ask("echo.test:1", authorization="Basic eA==")
    assert answer.startswith("HTTP/1.1 407 ")
    assert 'Proxy-Authenticate: Basic realm="egress"' in answer


def test_a_host_that_does_not_answer_is_told(ask):
    assert "502 echo.test:1: " in ask("echo.test:1")[1]


def test_no_log_has_credentials_or_paths(ask, echo, caplog):
    caplog.set_level(logging.INFO)
    ask(f"http://echo.test:{echo}/secret-path?token=1", method="GET")
    text = "".join(record.message for record in caplog.records)
    assert "alice" in text
    assert "secret-path" not in text
    assert password(KEY, "alice", []) not in text
