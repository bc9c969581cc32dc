"""Real packets on a bridge with two notebooks, of a host that has other networks: what gets where, before and
after the rules, and which rule drops it. Run in a network namespace of its own, with the firewall's settings.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from jupyterhub_firewall import kernel, members, rules
from jupyterhub_firewall.settings import parse

SERVER = """
import socket, threading
def serve(kind, port):
    s = socket.socket(socket.AF_INET6, kind)
    s.bind(("::", port))
    if kind == socket.SOCK_DGRAM:
        while True:
            data, sender = s.recvfrom(9)
            s.sendto(data, sender)
    s.listen()
    print(flush=True)
    kept = []
    while True:
        kept.append(s.accept())
for one in ((socket.SOCK_DGRAM, 4789), (socket.SOCK_DGRAM, 53)):
    threading.Thread(target=serve, args=one).start()
serve(socket.SOCK_STREAM, 80)
"""
CLIENT = """
import socket, sys
host, port, kind = sys.argv[1:]
family = socket.AF_INET6 if ":" in host else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
s.settimeout(1)
s.connect((host, int(port)))
s.send(b"x")
if kind == "udp":
    s.recv(1)
"""
HERE: tuple[str, ...] = ()
"""The host itself."""

processes: list[subprocess.Popen] = []


def run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def start(*words: str) -> subprocess.Popen:
    """A process that prints a line when it is ready."""
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    processes.append(process)
    process.stdout.readline()
    return process


def bridge(name: str, address: str) -> None:
    run("ip", "link", "add", name, "type", "bridge")
    run("ip", "addr", "add", address, "dev", name)
    run("ip", "link", "set", name, "up")


def machine(name: str, on: str, address: str, gateway: str) -> tuple[str, ...]:
    """A network of its own on a bridge; what to put before a command to run it there."""
    pid = start("unshare", "--net", "sh", "-c", "echo; exec sleep 60").pid
    run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", str(pid))
    run("ip", "link", "set", name, "master", on, "up")
    inside = ("nsenter", f"--net=/proc/{pid}/ns/net")
    for words in (
        f"addr add {address} dev eth0",
        "link set eth0 up",
        "link set lo up",
        f"route add default via {gateway}",
    ):
        run(*inside, "ip", *words.split())
    return inside


def serve(inside: tuple[str, ...]) -> None:
    start(*inside, sys.executable, "-c", SERVER)


def reaches(inside: tuple[str, ...], host: str, port: int = 80, kind: str = "tcp") -> bool:
    command = [*inside, sys.executable, "-c", CLIENT, host, str(port), kind]
    return subprocess.run(command, capture_output=True).returncode == 0


def check(text: str) -> None:
    settings = parse(json.loads(text))
    run("ip", "link", "set", "lo", "up")
    with open("/proc/sys/net/ipv4/ip_forward", "w") as forward:
        forward.write("1")
    bridge(settings.bridge, "172.19.0.1/16")
    bridge("br-allowed", "10.1.0.1/16")
    bridge("br-private", "10.9.0.1/16")
    bridge("br-internet", "198.51.100.1/24")
    bridge("br-metadata", "169.254.169.1/24")
    notebook = machine("v1", settings.bridge, "172.19.0.2/16", "172.19.0.1")
    run("ip", "addr", "add", "fd00:19::1/64", "dev", settings.bridge, "nodad")
    run(*notebook, "ip", "addr", "add", "fd00:19::2/64", "dev", "eth0", "nodad")
    # By these it is known who is who.
    run(*notebook, "ip", "addr", "add", "172.31.0.9/32", "dev", "lo")
    other = machine("v7", settings.bridge, "172.19.0.4/16", "172.19.0.1")
    run(*other, "ip", "addr", "add", "10.0.0.7/32", "dev", "lo")
    targets = {
        "neighbour": (machine("v2", settings.bridge, "172.19.0.3/16", "172.19.0.1"), "172.19.0.3"),
        "allowed": (machine("v3", "br-allowed", "10.1.0.2/16", "10.1.0.1"), "10.1.0.2"),
        "private": (machine("v4", "br-private", "10.9.0.2/16", "10.9.0.1"), "10.9.0.2"),
        "internet": (machine("v5", "br-internet", "198.51.100.2/24", "198.51.100.1"), "198.51.100.2"),
        "metadata": (machine("v6", "br-metadata", "169.254.169.254/24", "169.254.169.1"), "169.254.169.254"),
        "the host": (HERE, "172.19.0.1"),
        "the host elsewhere": (HERE, "198.51.100.1"),
        "the host, IPv6": (HERE, "fd00:19::1"),
    }
    serve(HERE)
    for inside, _ in targets.values():
        if inside != HERE:
            serve(inside)

    def found(inside: tuple[str, ...] = notebook) -> set[str]:
        attempts = {name: (inside, host) for name, (_, host) in targets.items()}
        attempts["VXLAN"] = (inside, "10.1.0.2", 4789, "udp")
        with ThreadPoolExecutor(len(attempts)) as pool:
            reached = pool.map(lambda words: reaches(*words), attempts.values())
            return {name for name, is_open in zip(attempts, reached, strict=True) if is_open}

    before = found()
    assert before == {*targets, "VXLAN"}, before
    on_bridge = members.look(settings.bridge, settings.overlays)
    assert {str(one) for one in on_bridge.others if one.version == 4} == {"172.19.0.4", "10.0.0.7"}, on_bridge
    assert on_bridge.notebooks
    kernel.apply(rules.inet(settings, (), on_bridge))
    if not kernel.bridged_frames_are_filtered():
        kernel.apply(rules.bridge(settings, on_bridge))
    after = found()
    assert after == {"allowed", "internet"}, after
    # What others on the host do is none of these rules' business.
    assert reaches(targets["internet"][0], "10.9.0.2")
    # (It has no IPv6 here; and what answers it is held, too, while nobody knows the neighbour.)
    reached = found(other)
    assert reached == {*targets, "VXLAN"} - {"the host, IPv6", "neighbour"}, reached
    # Before it is known, it is held like a notebook.
    kernel.apply(rules.update("inet", settings, rules.NOBODY))
    assert found(other) == after

    run(*notebook, "ip", "addr", "add", "10.1.0.77/32", "dev", "eth0")
    run(*notebook, "ip", "route", "replace", "default", "via", "172.19.0.1", "src", "10.1.0.77")
    assert not reaches(notebook, "198.51.100.2")
    listed = run("nft", "list", "chain", "inet", settings.table, "notebooks")
    idle = [line.strip() for line in listed.splitlines() if "drop" in line and " packets 0 " in line]
    # Of frames from port to port the other table takes care, where the kernel has it.
    assert all("neighbours" in line for line in idle), idle


if __name__ == "__main__":
    try:
        check(sys.argv[1])
    finally:
        for process in processes:
            process.kill()
