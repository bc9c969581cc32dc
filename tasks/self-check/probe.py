"""What a notebook server can reach and do: run inside one, and beside it as a control. Standard library only.

probe.py attack '[{"name": …, "kind": "tcp", "host": …, "port": …}, …]'   prints what came of each

What there is to reach is made by targets.py.
"""

import ctypes
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

Result = tuple[bool, str]
"""Whether it could be done, and what came of it."""

Outcome = dict[str, bool | str]
"""The same as JSON: `open` and `detail`."""

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


def main(arguments: list[str]) -> None:
    match arguments:
        case ["attack", text]:
            print(json.dumps(attack(json.loads(text))), flush=True)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
