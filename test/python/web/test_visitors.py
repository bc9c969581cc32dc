"""Addresses of visitors: from the reverse proxy, and from nobody else."""

import asyncio
import json
import socket

import pytest
from pydantic import ValidationError
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders
from tornado.web import Application, RequestHandler

from jupyterhub_on_docker.config import Settings
from jupyterhub_on_docker.web import visitors
from jupyterhub_on_docker.web.visitors import Proxies, Visitors, is_telling, parse_address

PROXY = "10.200.0.3"


@pytest.fixture
def known(raw):
    """Visitors as the settings of a test have them; trusted load balancers are given."""

    def make(*trusted, proxies=(PROXY,)):
        raw["visitors"] = {"proxies": list(proxies), "trusted": list(trusted)}
        read = Settings.model_validate_json(json.dumps(raw)).visitors
        return Visitors(Proxies(read.proxies), read.trusted)

    return make


def headers(*lines):
    return HTTPHeaders.parse("".join(f"{line}\r\n" for line in lines))


def seen(visitors, *lines, peer=PROXY):
    return visitors.take(peer, "http", headers(*lines))


@pytest.mark.parametrize(
    ("trusted", "told", "address"),
    [
        ([], ["203.0.113.9"], "203.0.113.9"),
        ([], ["6.6.6.6, 203.0.113.9"], "203.0.113.9"),
        # A load balancer that is not trusted is the visitor.
        ([], ["203.0.113.9, 192.0.2.1"], "192.0.2.1"),
        (["192.0.2.1"], ["203.0.113.9, 192.0.2.1"], "203.0.113.9"),
        (["192.0.2.0/24"], ["6.6.6.6, 203.0.113.9, 192.0.2.7, 192.0.2.1"], "203.0.113.9"),
        # Several lines are one list.
        (["192.0.2.0/24"], ["6.6.6.6", "203.0.113.9", "192.0.2.7,192.0.2.1"], "203.0.113.9"),
        # A trusted address that is itself the visitor.
        (["192.0.2.0/24"], ["192.0.2.9, 192.0.2.1"], "192.0.2.9"),
        (["192.0.2.0/24"], ["192.0.2.1"], "192.0.2.1"),
        # What is no address was written by somebody else than a proxy.
        (["192.0.2.0/24"], ["203.0.113.9, unknown, 192.0.2.1"], "192.0.2.1"),
        (["192.0.2.0/24"], ["203.0.113.9, , 192.0.2.1"], "192.0.2.1"),
        (["192.0.2.0/24"], ["203.0.113.9, " + "9" * 5000 + ", 192.0.2.1"], "192.0.2.1"),
        (["192.0.2.0/24"], ["for=203.0.113.9, 192.0.2.1"], "192.0.2.1"),
        ([], [""], PROXY),
        ([], [], PROXY),
        # Ports, brackets, IPv6 in each of its spellings.
        (["192.0.2.1"], ["203.0.113.9:41001, 192.0.2.1"], "203.0.113.9"),
        (["192.0.2.1"], ["[2001:db8::7]:443, 192.0.2.1"], "2001:db8::7"),
        (["2001:db8:1::/48"], ["2001:DB8:0:0::7, 2001:db8:1::1"], "2001:db8::7"),
        (["192.0.2.0/24"], ["203.0.113.9, ::ffff:192.0.2.1"], "203.0.113.9"),
        (["::ffff:192.0.2.0/120"], ["::ffff:203.0.113.9, 192.0.2.1"], "203.0.113.9"),
        (["fe80::/10"], ["203.0.113.9, fe80::1%eth0"], "203.0.113.9"),
    ],
)
def test_from_the_proxy_the_first_from_the_right_that_is_not_trusted(known, trusted, told, address):
    lines = [f"X-Forwarded-For: {line}" for line in told]
    assert seen(known(*trusted), *lines)[0] == address
    # With whatever else says something else.
    others = [
        "X-Real-Ip: 6.6.6.7",
        "Forwarded: for=6.6.6.7;proto=https",
        "X_Forwarded_For: 6.6.6.7",
        "X_Real_Ip: 6.6.6.7",
        "CF-Connecting-IP: 6.6.6.7",
        "True-Client-Ip: 6.6.6.7",
        "X-Client-Ip: 6.6.6.7",
    ]
    assert seen(known(*trusted), *others, *lines, *others)[0] == address


@pytest.mark.parametrize("peer", ["10.200.8.7", "127.0.0.1", "10.200.0.30", "::1", "::ffff:10.200.8.7"])
def test_anybody_else_is_who_connects(known, peer):
    told = [
        "X-Forwarded-For: 203.0.113.9",
        "X-Real-Ip: 203.0.113.9",
        "Forwarded: for=203.0.113.9",
        "X-Forwarded-Proto: https",
        "X-Scheme: https",
    ]
    given = headers(*told, "Host: hub")
    assert known("10.0.0.0/8").take(peer, "http", given) == (str(parse_address(peer)), "http")
    assert list(given) == ["Host"], "libraries look at them, too"


def test_the_proxy_may_come_by_ipv6(known):
    assert seen(known(), "X-Forwarded-For: 203.0.113.9", peer=f"::ffff:{PROXY}")[0] == "203.0.113.9"


@pytest.mark.parametrize(
    ("told", "protocol"),
    [
        (["X-Forwarded-Proto: https"], "https"),
        (["X-Forwarded-Proto: wss"], "https"),
        (["X-Forwarded-Proto: http, https"], "https"),
        (["X-Forwarded-Proto: https", "X-Forwarded-Proto: http"], "http"),
        (["X-Forwarded-Proto: gopher"], "http"),
        (["X-Scheme: https"], "http"),
        (["X-Scheme: http", "Forwarded: proto=http", "X-Forwarded-Proto: https"], "https"),
        ([], "http"),
    ],
)
def test_the_protocol_is_what_the_proxy_says_last(known, told, protocol):
    given = headers(*told)
    assert known().take(PROXY, "http", given)[1] == protocol
    # What JupyterHub's own code looks for in the headers.
    assert list(given.get_all()) == [("X-Forwarded-Proto", protocol)]


@pytest.mark.parametrize(
    "name",
    [
        "X-Forwarded-For",
        "x_forwarded_for",
        "X-FORWARDED_PROTO",
        "X-Forwarded-Tls-Client-Cert",
        "Forwarded",
        "X-Real-IP",
        "X_Real_Ip",
        "x-scheme",
        "CF-Connecting-IP",
        "Via",
    ],
)
def test_what_tells_of_a_visitor(name):
    assert is_telling(name)


@pytest.mark.parametrize("name", ["Host", "Authorization", "X-XSRFToken", "Origin", "Remote-User"])
def test_what_does_not(name):
    assert not is_telling(name)


@pytest.mark.parametrize(
    "text",
    ["", "unknown", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4:x", "[::1", "[::1]x", "::1]", "-", "_x"],
)
def test_what_is_no_address(text):
    assert parse_address(text) is None


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "10.0.0.0/33", "load-balancer", 7])
def test_nobody_trusts_everybody(raw, network):
    raw["visitors"]["trusted"] = [network]
    with pytest.raises(ValidationError):
        Settings.model_validate_json(json.dumps(raw))


class Names:
    """What a name server says, and how often it was asked."""

    def __init__(self, *addresses):
        self.addresses = list(addresses)
        self.asked = 0

    def __call__(self, name):
        assert name == "proxy"
        self.asked += 1
        if not self.addresses:
            raise socket.gaierror("Name or service not known")
        return self.addresses


def test_proxies_of_a_swarm_come_and_go():
    names, now = Names("10.0.1.5", "10.0.1.6"), [0.0]
    proxies = Proxies(["proxy"], names, lambda: now[0])
    assert parse_address("10.0.1.5") not in proxies
    proxies.look()
    assert parse_address("10.0.1.5") in proxies
    # One has gone, and its address may be a notebook server's.
    names.addresses = ["10.0.1.6", "10.0.1.9"]
    proxies.look()
    assert parse_address("10.0.1.5") not in proxies
    assert parse_address("10.0.1.9") in proxies
    # A name server that is away for a moment takes nothing away; one that stays away does.
    names.addresses = []
    now[0] = 29.0
    proxies.look()
    assert parse_address("10.0.1.9") in proxies
    now[0] = 31.0
    proxies.look()
    assert parse_address("10.0.1.9") not in proxies


def test_no_request_waits_for_a_name_server():
    names = Names("10.0.1.5")
    proxies = Proxies(["proxy"], names)
    for _ in range(1000):
        assert parse_address("10.0.8.8") not in proxies
    assert names.asked == 0


def test_addresses_are_not_looked_up():
    proxies = Proxies([PROXY, "::ffff:10.200.0.4"], Names())
    proxies.start()
    assert parse_address(PROXY) in proxies
    assert parse_address("10.200.0.4") in proxies


class Echo(RequestHandler):
    def get(self):
        self.write({"ip": self.request.remote_ip, "protocol": self.request.protocol})


@pytest.fixture
def configured(raw):
    """Has the server of JupyterHub's own making be the one of the settings."""

    def make(**section):
        raw["visitors"] = {"trusted": [], **section}
        visitors.watch(Settings.model_validate_json(json.dumps(raw)))

    return make


async def ask(port, source, lines):
    """Requests of one connection from an address of the loopback."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    answers = []
    for sent in lines:
        head = "".join(f"{line}\r\n" for line in ["GET / HTTP/1.1", "Host: hub", *sent])
        writer.write(f"{head}\r\n".encode())
        answer = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line[15:]) for line in answer.splitlines() if line.startswith("Content-Length:"))
        answers.append(json.loads(await reader.readexactly(length)))
    writer.close()
    return answers


FORGED = ["X-Forwarded-For: 203.0.113.9", "X-Real-Ip: 6.6.6.6", "X-Scheme: https"]


def serve(*connections):
    """Answers of a server that is made as JupyterHub makes its own."""

    async def run():
        # The arguments are those of jupyterhub/app.py.
        server = HTTPServer(
            Application([("/", Echo)]), ssl_options=None, xheaders=True, trusted_downstream=["203.0.113.9"]
        )
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            listener.setblocking(False)
            server.add_socket(listener)
            port = listener.getsockname()[1]
            try:
                return [await ask(port, source, lines) for source, lines in connections]
            finally:
                server.stop()
                await server.close_all_connections()

    return asyncio.run(run())


def test_the_server_that_jupyterhub_makes(configured):
    configured(proxies=["127.0.0.3"])
    notebook, proxy = serve(("127.0.0.7", [FORGED]), ("127.0.0.3", [FORGED, [], FORGED]))
    assert notebook == [{"ip": "127.0.0.7", "protocol": "http"}]
    # Nothing of a request is left for the next one on its connection.
    told = {"ip": "203.0.113.9", "protocol": "http"}
    assert proxy == [told, {"ip": "127.0.0.3", "protocol": "http"}, told]


def test_the_server_knows_proxies_by_name(configured):
    configured(proxies=["localhost"])
    notebook, proxy = serve(("127.0.0.7", [FORGED]), ("127.0.0.1", [FORGED]))
    assert [notebook[0]["ip"], proxy[0]["ip"]] == ["127.0.0.7", "203.0.113.9"]


def test_tornado_by_itself_believes_everybody():
    """The control: without it the tests above would prove nothing."""
    assert serve(("127.0.0.7", [FORGED]))[0] == [{"ip": "6.6.6.6", "protocol": "https"}]
