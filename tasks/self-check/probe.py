"""What a notebook server can reach and do: run inside one, and beside it as a control. Standard library only.

probe.py attack '[{"name": …, "kind": "tcp", "host": …, "port": …}, …]'   prints what came of each
probe.py listen             listens on a free port of every address, and on port 53; prints them all
probe.py serve 8888 12345   listens on these ports
"""

import ctypes
import json
import os
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

Result = tuple[bool, str]
"""Whether it could be done, and what came of it."""

Outcome = dict[str, bool | str]
"""The same as JSON: `open` and `detail`."""

NAMES = 53
"""Port of name servers."""

TIMEOUT = 2.5
"""Seconds in which a target that can be reached has answered."""


def tcp(host: str, port: int) -> Result:
    """An answer of any kind, a refusal too, means that packets get there and back."""
    try:
        with socket.create_connection((host, port), TIMEOUT):
            return True, "connected"
    except ConnectionRefusedError:
        return True, "refused by the target"


def http(host: str, port: int, path: str, method: str = "GET") -> Result:
    with socket.create_connection((host, port), TIMEOUT) as connection:
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = connection.recv(200).decode("latin-1").split("\r\n")[0]
        return answer.startswith("HTTP/"), answer


def udp(host: str, port: int) -> Result:
    """A question for an address, which name servers and this program's own listeners answer."""
    query = struct.pack(">6H", os.getpid() & 0xFFFF, 0x0100, 1, 0, 0, 0) + b"\x07example\x03com\0\0\1\0\1"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.settimeout(TIMEOUT)
        sender.connect((host, port))
        sender.send(query)
        return bool(sender.recv(2048)), "answered"


def _ping_socket() -> socket.socket:
    try:
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
    except PermissionError:
        # Hosts seldom let ordinary users ping; the control may do it this way.
        return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)


def icmp(host: str) -> Result:
    with _ping_socket() as sender:
        sender.settimeout(TIMEOUT)
        body = struct.pack(">BBHHH", 8, 0, 0, 0, 1) + b"probe---"
        total = sum(struct.unpack(f">{len(body) // 2}H", body))
        check = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
        sender.connect((host, 0))
        sender.send(body[:2] + struct.pack(">H", check) + body[4:])
        return bool(sender.recv(2048)), "answered"


def name(host: str) -> Result:
    addresses = {str(info[4][0]) for info in socket.getaddrinfo(host, 443)}
    return bool(addresses), ", ".join(sorted(addresses))


def become_root() -> Result:
    os.setuid(0)
    return os.geteuid() == 0, "uid 0"


def mount() -> Result:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", b"/mnt", b"tmpfs", 0, None) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return True, "mounted a file system"


def user_namespace() -> Result:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x10000000) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return True, "root in a namespace of its own"


def raw_socket() -> Result:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()
    return True, "opened"


def packet_socket() -> Result:
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
    return True, "opened"


def _status(key: str) -> str:
    with open("/proc/self/status") as lines:
        return next(line.split()[1] for line in lines if line.startswith(key))


def setuid_programs() -> Result:
    return _status("NoNewPrivs:") != "1", f"NoNewPrivs {_status('NoNewPrivs:')}"


def capabilities() -> Result:
    return int(_status("CapBnd:"), 16) != 0, f"bounding set {_status('CapBnd:')}"


def system_calls() -> Result:
    return _status("Seccomp:") != "2", f"seccomp mode {_status('Seccomp:')}"


def _others() -> list[int]:
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                if os.stat(f"/proc/{entry}").st_uid != os.getuid():
                    found.append(int(entry))
            except OSError:
                continue
    return found


def others_processes() -> Result:
    seen = len(_others())
    return seen > 0, f"{seen} processes of others"


def tracing() -> Result:
    """Of another user's process. Whoever is root makes one for it: those of a host are left alone."""
    child = 0
    if os.geteuid() == 0 and (child := os.fork()) == 0:
        os.setuid(65534)
        signal.pause()
    try:
        targets = [child] if child else _others()
        if not targets:
            return False, "no process of another user is there"
        libc = ctypes.CDLL(None, use_errno=True)
        seize = 0x4206
        if libc.ptrace(seize, targets[0], None, None) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return True, "attached"
    finally:
        if child:
            os.kill(child, signal.SIGKILL)


NETWORK: dict[str, Callable[..., Result]] = {"tcp": tcp, "http": http, "udp": udp, "icmp": icmp, "name": name}
LOCAL: dict[str, Callable[[], Result]] = {
    "become-root": become_root,
    "mount": mount,
    "user-namespace": user_namespace,
    "raw-socket": raw_socket,
    "packet-socket": packet_socket,
    "setuid-programs": setuid_programs,
    "capabilities": capabilities,
    "system-calls": system_calls,
    "others-processes": others_processes,
    "tracing": tracing,
}


def outcome(call: Callable[..., Result], **options: Any) -> Outcome:
    try:
        is_open, detail = call(**options)
    except (OSError, ValueError) as error:
        return {
            "open": False,
            "detail": getattr(error, "strerror", None) or str(error) or type(error).__name__,
        }
    return {"open": is_open, "detail": detail}


def apart(call: Callable[[], Result]) -> Outcome:
    """In a process of its own, which may change what it is."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writing, json.dumps(outcome(call)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    made: Outcome = json.loads(text) if text else {"open": False, "detail": "killed"}
    return made


def attack(probes: list[dict[str, Any]]) -> dict[str, Outcome]:
    # Before there are threads.
    results = {probe["name"]: apart(LOCAL[probe["kind"]]) for probe in probes if probe["kind"] in LOCAL}

    def run(probe: dict[str, Any]) -> tuple[str, Outcome]:
        options = {key: value for key, value in probe.items() if key not in ("name", "kind")}
        return probe["name"], outcome(NETWORK[probe["kind"]], **options)

    with ThreadPoolExecutor(64) as pool:
        results.update(pool.map(run, [probe for probe in probes if probe["kind"] in NETWORK]))
    return results


def serve(ports: Iterable[int]) -> None:
    """Listens on the ports of every address, TCP and UDP, IPv4 and IPv6 where there is any."""
    for port in ports:
        for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            try:
                listener = socket.socket(family, socket.SOCK_STREAM)
                datagrams = socket.socket(family, socket.SOCK_DGRAM)
                for one in (listener, datagrams):
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    if family == socket.AF_INET6:
                        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                    one.bind((address, port))
                listener.listen()
            except OSError:
                if family == socket.AF_INET:
                    raise
                continue
            threading.Thread(target=accept, args=(listener,), daemon=True).start()
            threading.Thread(target=echo, args=(datagrams,), daemon=True).start()


def serve_names(addresses: Iterable[str]) -> list[str]:
    """Listens on port 53 of each address where nobody else does; gives those where somebody listens now."""
    found = []
    for address in addresses:
        listener, datagrams = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        try:
            for one in (listener, datagrams):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                one.bind((address, NAMES))
            listener.listen()
        except PermissionError:
            continue
        except OSError:
            # A name server of the host's own, which will do.
            found.append(address)
            continue
        found.append(address)
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        threading.Thread(target=echo, args=(datagrams,), daemon=True).start()
    return found


def name_servers() -> list[str]:
    """What the host asks for names."""
    try:
        with open("/etc/resolv.conf") as lines:
            fields = [line.split() for line in lines]
    except OSError:
        return []
    return [one[1] for one in fields if len(one) > 1 and one[0] == "nameserver"]


def accept(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        connection.close()


IP_PKTINFO = 8
"""Of Linux; older Pythons have no name for it."""


def echo(datagrams: socket.socket) -> None:
    """Answers from the address that was asked: the kernel would choose the one nearest to the sender."""
    if datagrams.family == socket.AF_INET:
        datagrams.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
    while True:
        data, ancillary, _, sender = datagrams.recvmsg(2048, 128)
        asked = [
            # Interface, own address, address of the packet: the kernel chooses the interface.
            (level, kind, struct.pack("=I4s4s", 0, content[4:8], bytes(4)))
            for level, kind, content in ancillary
            if (level, kind) == (socket.IPPROTO_IP, IP_PKTINFO)
        ]
        datagrams.sendmsg([data], asked, 0, sender)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("0.0.0.0", 0))
        return int(listener.getsockname()[1])


def ipv4_addresses() -> list[str]:
    """This network's own IPv4 addresses, as the kernel routes to them."""
    found = set()
    with open("/proc/net/fib_trie") as lines:
        last = ""
        for line in lines:
            if "/32 host LOCAL" in line:
                found.add(last.split()[-1])
            last = line
    return sorted(address for address in found if not address.startswith("127."))


def way_out() -> dict[str, str]:
    """Its own address on the way to the outside, and that of who passes packets on; none without a way."""
    with open("/proc/net/route") as lines:
        routes = [line.split() for line in lines]
    gateways = [one[2] for one in routes if one[1] == "00000000"]
    if not gateways:
        return {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        # Kept for examples: nothing is sent.
        sender.connect(("192.0.2.1", 9))
        return {
            "address": sender.getsockname()[0],
            "gateway": socket.inet_ntoa(struct.pack("=I", int(gateways[0], 16))),
        }


def ipv6_addresses() -> list[dict[str, str]]:
    try:
        with open("/proc/net/if_inet6") as lines:
            fields = [line.split() for line in lines]
    except OSError:
        return []
    return [
        {"address": socket.inet_ntop(socket.AF_INET6, bytes.fromhex(one[0])), "interface": one[5]}
        for one in fields
        if one[5] != "lo"
    ]


def main(arguments: list[str]) -> None:
    match arguments:
        case ["attack", text]:
            print(json.dumps(attack(json.loads(text))), flush=True)
        case ["listen"]:
            port = free_port()
            serve([port])
            own = ipv4_addresses()
            found: dict[str, Any] = {"port": port, "ipv4": own, "ipv6": ipv6_addresses()}
            found |= {"names": serve_names(own), "nameServers": name_servers()}
            print(json.dumps(found), flush=True)
            threading.Event().wait(300)
        case ["serve", *ports]:
            serve([int(port) for port in ports])
            print(json.dumps(way_out()), flush=True)
            threading.Event().wait(300)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
