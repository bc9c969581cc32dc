"""The firewall: its rules as text, what it does when they vanish, and what it says when it cannot."""

import json
import os
import subprocess
import sys
import time
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from jupyterhub_firewall import __main__ as firewall
from jupyterhub_firewall import kernel, resolvers, rules
from jupyterhub_firewall import members as on_bridge
from jupyterhub_firewall.members import Members, classify
from jupyterhub_firewall.settings import Overlays, SettingsError, parse, read

SYSTEM = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}
"""With the programs of administrators."""

CLOSED = {
    "table": "jupyterhub_test",
    "bridge": "jhn-test",
    "subnet": "10.200.8.0/21",
    "infrastructure": ["10.200.8.3", "10.200.8.2"],
    "services": [{"address": "10.200.8.2", "port": 8081}],
    "internet": False,
    "allowed": [],
    "publicOnly": ["jhe-test"],
}


OF_A_SWARM = {
    **CLOSED,
    "bridge": "docker_gwbridge",
    "subnet": None,
    "overlays": {"notebooks": "172.31.0.0/24", "others": ["172.31.1.0/24"]},
    "infrastructure": [],
    "services": [],
    "internet": True,
    "allowed": [{"network": "10.1.0.0/16", "ports": []}],
    "publicOnly": [],
    "closedPorts": [{"protocol": "udp", "port": 4789}],
}
"""The bridge by which all services of a node leave it."""


def lines(text):
    return [line.strip() for line in text.splitlines()]


def test_a_lockdown_lets_through_the_hubs_port_and_answers_and_drops_the_rest():
    text = lines(rules.inet(parse(CLOSED)))
    start = text.index("chain notebooks {")
    assert text[start + 1 : text.index("}", start)] == [
        'meta nfproto != ipv4 counter drop comment "IPv6"',
        "ip saddr { 10.200.8.2, 10.200.8.3 } accept",
        'ip saddr != 10.200.8.0/21 counter drop comment "addresses that nobody gave to a notebook"',
        "ip daddr { 10.200.8.2, 10.200.8.3 } ct state established,related accept",
        "ip daddr 10.200.8.2 tcp dport 8081 accept",
        "ip daddr 10.200.8.0/21 counter drop "
        'comment "neighbours, and what else the infrastructure listens on"',
        'fib daddr type != unicast counter drop comment "the host"',
        'ip daddr 169.254.0.0/16 counter drop comment "link-local addresses, cloud metadata"',
        f'ip daddr {{ {", ".join(rules.PRIVATE)} }} counter drop comment "private networks"',
        'meta l4proto { tcp, udp } th dport 53 counter drop comment "name servers"',
        'counter drop comment "the internet"',
    ]


def test_with_the_internet_neighbours_private_networks_and_the_host_stay_closed():
    allowed = [{"network": "192.168.7.20/32", "ports": [5432]}, {"network": "10.1.0.0/16", "ports": []}]
    text = lines(rules.inet(parse({**CLOSED, "internet": True, "allowed": allowed})))
    chain = [rule.partition(" comment ")[0] for rule in text[text.index("chain notebooks {") :]]
    order = [
        "ip daddr 10.200.8.0/21 counter drop",
        "ip daddr 192.168.7.20/32 tcp dport { 5432 } accept",
        "ip daddr 10.1.0.0/16 accept",
        "fib daddr type != unicast counter drop",
        f"ip daddr {{ {', '.join(rules.PRIVATE)} }} counter drop",
        "accept",
    ]
    assert [chain.index(rule) for rule in order] == sorted(chain.index(rule) for rule in order)


HOST = 'fib daddr type != unicast counter drop comment "the host"'
NAMES = "meta l4proto { tcp, udp } th dport 53 accept"


@pytest.mark.parametrize("chain", ["notebooks", "public_only"])
def test_port_53_of_the_host_is_open_only_where_the_host_asks_itself(chain):
    settings = parse({**CLOSED, "internet": True})
    for asked, first in (
        ((), None),
        (("10.0.0.5", "172.17.0.1"), f"ip daddr {{ 10.0.0.5, 172.17.0.1 }} {NAMES}"),
    ):
        text = lines(rules.inet(settings, asked))
        rules_ = text[text.index(f"chain {chain} {{") :]
        rules_ = rules_[: rules_.index("}")]
        before = [rule for rule in rules_[: rules_.index(HOST)] if "53" in rule]
        assert before == ([first] if first else [])
        # Others' name servers are on private addresses as a rule.
        assert rules_.index(NAMES) == rules_.index(HOST) + 1


def test_in_a_lockdown_no_name_server_is_open():
    text = lines(rules.inet(parse(CLOSED), ("10.0.0.5",)))
    notebooks = text[text.index("chain notebooks {") : text.index("chain public_only {")]
    assert not [rule for rule in notebooks if "53" in rule and rule.endswith("accept")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nameserver 10.0.0.5\nsearch x\noptions ndots:0\n", ("10.0.0.5",)),
        ("# nameserver 10.0.0.6\nnameserver\t10.0.0.5 # x\n", ("10.0.0.5",)),
        ("nameserver 127.0.0.53\nnameserver 127.0.0.1\n", ()),
        ("nameserver fe80::1%eth0\nnameserver ::1\nnameserver 0.0.0.0\nnameserver 224.0.0.1\n", ()),
        (
            "nameserver 10.0.0.5 }\nnameserver 10.0.0.5;drop\nnameserver\nnameserver 10.0.0.0/8\n",
            ("10.0.0.5",),
        ),
        (
            "".join(f"nameserver 10.0.0.{at}\n" for at in range(1, 100)),
            tuple(f"10.0.0.{at}" for at in range(1, 9)),
        ),
    ],
)
def test_name_servers_are_those_of_the_host(tmp_path, text, found):
    (tmp_path / "resolv.conf").write_text(text)
    assert resolvers.name_servers([tmp_path / "absent", tmp_path / "resolv.conf"]) == found


def test_name_servers_that_change_are_in_the_rules_at_the_next_look(make, monkeypatch):
    asked = [("10.0.0.5",)]
    monkeypatch.setattr(resolvers, "name_servers", lambda: asked[0])
    kernel_, wall = make()
    for servers in (("10.0.0.5",), ("10.0.0.6",), ()):
        asked[0] = servers
        assert wall.ensure() is None
        text = kernel_.tables["inet jupyterhub_test"]
        assert (
            (f"ip daddr {{ {servers[0]} }} {NAMES}" in text) if servers else ("ip daddr { 10.0.0" not in text)
        )
    applied = kernel_.applied
    assert wall.ensure() is None
    assert kernel_.applied == applied


def test_beside_others_those_who_are_not_known_to_be_one_are_taken_for_notebooks():
    members = Members(frozenset(map(ip_address, ["172.18.0.2", "172.18.0.10", "fe80::2"])))
    text = lines(rules.inet(parse(OF_A_SWARM), (), members))
    assert 'iifname "docker_gwbridge" jump members' in text
    assert "elements = { 172.18.0.2, 172.18.0.10 }" in text
    assert "elements = { fe80::2 }" in text
    start = text.index("chain members {")
    assert text[start + 1 : start + 4] == [
        "ip saddr @others accept",
        "ip6 saddr @others6 accept",
        "jump notebooks",
    ]
    start = text.index("chain notebooks {")
    assert text[start + 1 : text.index("}", start)] == [
        'meta nfproto != ipv4 counter drop comment "IPv6"',
        'fib saddr oifname != "docker_gwbridge" counter drop '
        'comment "addresses that nobody gave to a notebook"',
        'fib daddr oifname "docker_gwbridge" counter drop comment "neighbours, and others on the bridge"',
        # Not even where the hosts are on a network that is allowed.
        'udp dport 4789 counter drop comment "ports of the hosts\' own network"',
        "ip daddr 10.1.0.0/16 accept",
        *rules._public_addresses(()),
    ]
    assert "elements" not in rules.inet(parse(OF_A_SWARM))
    assert "@others" not in rules.inet(parse(CLOSED))


@pytest.mark.parametrize(
    ("addresses", "others", "notebook"),
    [
        # A notebook; the hub, which is on the other network too; a service of another stack.
        (["172.18.0.3", "172.31.0.9", "127.0.0.1"], [], True),
        (["172.18.0.3", "172.31.0.9", "172.31.1.4"], ["172.18.0.3", "172.31.0.9", "172.31.1.4"], False),
        (["172.18.0.3", "10.0.0.7", "fe80::1", "::1"], ["172.18.0.3", "10.0.0.7", "fe80::1"], False),
        # One that has not got all of its addresses yet.
        (["172.18.0.3", "127.0.0.1", "fe80::1"], [], False),
        ([], [], False),
    ],
)
def test_who_has_an_address_of_notebooks_and_none_of_the_stacks_own_is_a_notebook(
    addresses, others, notebook
):
    found = classify(
        [set(map(ip_address, addresses))],
        [ip_network("172.18.0.0/16")],
        Overlays("172.31.0.0/24", ("172.31.1.0/24",)),
    )
    assert found == Members(frozenset(map(ip_address, others)), notebook)


def test_rules_replace_those_of_the_same_name_in_one_step():
    assert rules.inet(parse(CLOSED)).startswith(
        "table inet jupyterhub_test\ndelete table inet jupyterhub_test\ntable inet jupyterhub_test {\n"
    )


def test_where_bridged_frames_are_seen_apart_only_answers_reach_the_infrastructure():
    text = lines(rules.bridge(parse(CLOSED)))
    assert 'meta ibrname "jhn-test" jump notebooks' in text
    assert "ip daddr { 10.200.8.2, 10.200.8.3 } tcp flags & (syn | ack) != syn accept" in text
    assert text.index("ip saddr { 10.200.8.2, 10.200.8.3 } accept") < text.index(
        'ip daddr 10.200.8.0/21 counter drop comment "neighbours"'
    )


@pytest.mark.parametrize(
    "change",
    [
        {"bridge": 'x" drop; #'},
        {"table": "a b"},
        {"subnet": "10.200.8.1/21"},
        {"infrastructure": ["10.200.8.2, 0.0.0.0/0"]},
        {"services": [{"address": "10.200.8.2", "port": "8081 accept"}]},
        {"publicOnly": ["jhe test"]},
        {"closedPorts": [{"protocol": "udp dport 1 accept; tcp", "port": 4789}]},
        {"closedPorts": [{"protocol": "udp", "port": 0}]},
        {"gate": "/dev/shm/a b"},
        {"overlays": {"notebooks": "172.31.0.0/24", "others": ["x"]}},
    ],
)
def test_nothing_gets_into_the_rules_that_is_not_what_it_has_to_be(change):
    with pytest.raises(SettingsError, match="FIREWALL"):
        read({"FIREWALL": json.dumps({**CLOSED, **change})})


def test_missing_settings_are_named():
    with pytest.raises(SettingsError, match="FIREWALL: missing"):
        read({})


class Kernel:
    """A kernel that keeps tables as text."""

    def __init__(self, *, ibrname=True, bridged=True, ports=False):
        self.tables, self.ibrname, self.bridged, self.ports, self.applied = {}, ibrname, bridged, ports, 0
        self.updates = []

    def install(self, monkeypatch):
        for name in ("apply", "listing", "delete", "bridged_frames_are_filtered", "bridge_has_ports"):
            monkeypatch.setattr(kernel, name, getattr(self, name))
        return self

    def apply(self, text):
        if text.startswith("flush set"):
            self.updates.append(text)
            self.tables[" ".join(text.split()[2:4])] += text
            return
        table = text.splitlines()[0].removeprefix("table ")
        if "ibrname" in text and not self.ibrname:
            raise kernel.KernelError("Operation not supported")
        self.applied += 1
        self.tables[table] = text

    def listing(self, table):
        return self.tables.get(table)

    def delete(self, table):
        self.tables.pop(table, None)

    def bridged_frames_are_filtered(self):
        return self.bridged

    def bridge_has_ports(self, _bridge):
        return self.ports


@pytest.fixture
def make(monkeypatch, tmp_path):
    def make(settings=CLOSED, **options):
        return Kernel(**options).install(monkeypatch), firewall.Firewall(parse(settings), tmp_path)

    return make


def test_rules_are_put_in_once_and_back_when_they_are_changed_or_gone(make):
    fake, wall = make()
    assert wall.ensure() is None
    assert set(fake.tables) == {"inet jupyterhub_test", "bridge jupyterhub_test"}
    wall.ensure()
    assert fake.applied == 2
    whole = dict(fake.tables)
    fake.tables.clear()
    wall.ensure()
    assert fake.tables == whole
    fake.tables["inet jupyterhub_test"] = "table with a rule less"
    wall.ensure()
    assert fake.tables == whole


def test_a_kernel_that_sees_bridged_frames_either_way_will_do(make):
    fake, wall = make(ibrname=False)
    assert wall.ensure() is None
    assert set(fake.tables) == {"inet jupyterhub_test"}
    _, wall = make(bridged=False)
    assert wall.ensure() is None


def test_a_kernel_that_sees_none_is_said_to_with_the_command_that_helps(make):
    fake, wall = make(ibrname=False, bridged=False)
    assert "modprobe br_netfilter" in wall.ensure()
    fake.bridged = True
    assert wall.ensure() is None
    # Somebody turns it off later.
    fake.bridged = False
    assert "cannot filter traffic between containers" in wall.ensure()


def test_a_kernel_that_takes_no_rules_is_no_firewall(make, monkeypatch):
    _, wall = make()

    def refuse(_text):
        raise kernel.KernelError("Operation not permitted")

    monkeypatch.setattr(kernel, "apply", refuse)
    assert "Operation not permitted" in wall.ensure()


@pytest.mark.parametrize("ports", [True, False])
def test_rules_go_with_the_last_container_and_not_before(make, ports):
    fake, wall = make(ports=ports)
    wall.ensure()
    assert wall.remove() is not ports
    assert bool(fake.tables) is ports


def test_who_comes_and_goes_is_noted_without_the_counters_being_lost(make, monkeypatch):
    fake, wall = make(OF_A_SWARM)
    found = [Members(), Members(frozenset([ip_address("172.18.0.2")]), True), Members(frozenset(), True)]
    monkeypatch.setattr(on_bridge, "look", lambda _bridge, _overlays: found[0])
    for one in (None, None, found[1], found[1], found[2]):
        found[0] = one or found[0]
        assert wall.ensure() is None
    assert fake.applied == 2
    assert [text.splitlines() for text in fake.updates if "inet" in text] == [
        [
            "flush set inet jupyterhub_test others",
            "add element inet jupyterhub_test others { 172.18.0.2 }",
            "flush set inet jupyterhub_test others6",
        ],
        ["flush set inet jupyterhub_test others", "flush set inet jupyterhub_test others6"],
    ]
    # Rules stay while there is a notebook, whoever else is on the bridge.
    assert wall.remove() is False
    found[0] = Members(frozenset([ip_address("172.18.0.2")]))
    assert wall.remove() is True


def test_where_nobody_tells_who_is_on_the_bridge_it_is_no_firewall_and_rules_stay(make, monkeypatch):
    _, wall = make(OF_A_SWARM)

    def refuse(_bridge, _overlays):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(on_bridge, "look", refuse)
    assert wall.ensure() == "cannot list the addresses on docker_gwbridge: Operation not permitted"
    assert wall.remove() is False


@pytest.mark.parametrize("ports", [True, False])
def test_the_gate_is_open_while_rules_are_there_and_closed_before_they_go(make, tmp_path, monkeypatch, ports):
    gate = tmp_path / "gate"
    fake, wall = make({**CLOSED, "gate": str(gate)}, bridged=False, ibrname=False, ports=ports)
    assert wall.ensure() is not None
    assert not gate.exists()
    fake.bridged = True
    for _ in range(2):
        assert wall.ensure() is None
        assert gate.is_dir()
    fake.bridged = False
    assert wall.ensure() is not None
    assert not gate.exists()
    fake.bridged = True
    wall.ensure()
    asked = []
    monkeypatch.setattr(kernel, "bridge_has_ports", lambda _bridge: asked.append(gate.exists()) or ports)
    wall.remove()
    assert asked == [False]


def test_a_gate_that_cannot_be_made_is_no_firewall(make):
    _, wall = make({**CLOSED, "gate": "/proc/no/folder"})
    assert wall.ensure().startswith("cannot create /proc/no/folder")


def test_the_file_for_the_health_check_is_there_while_all_is_well(make, tmp_path):
    _, wall = make()
    file = tmp_path / "healthy"
    wall.note(None)
    os.utime(file, (0, 0))
    wall.note(None)
    assert time.time() - file.stat().st_mtime < 60
    wall.note("cannot apply the rules")
    assert not file.exists()
    wall.note("cannot apply the rules")


def in_a_namespace(*script):
    """Runs a script with the real nft, in a network namespace of its own."""
    there = subprocess.run(["unshare", "--net", "nft", "list", "tables"], env=SYSTEM, capture_output=True)
    if there.returncode and not os.environ.get("CI"):
        pytest.skip("nft or network namespaces are not there (Debian: apt install nftables)")
    root = os.path.dirname(os.path.dirname(firewall.__file__))
    done = subprocess.run(
        ["unshare", "--net", sys.executable, *script],
        env={**SYSTEM, "PYTHONPATH": root},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a network namespace")
def test_the_kernel_takes_the_rules_and_tells_when_they_change():
    in_a_namespace(
        "-c",
        "import select, json, sys\n"
        "from jupyterhub_firewall import kernel, rules\n"
        "from jupyterhub_firewall.settings import parse\n"
        f"settings = parse(json.loads('''{json.dumps(CLOSED)}'''))\n"
        "watch = kernel.changes()\n"
        "for _ in range(2):\n"
        "    kernel.apply(rules.inet(settings))\n"
        "assert select.select([watch], [], [], 5)[0]\n"
        "kernel.drain(watch)\n"
        "assert 'tcp dport 8081' in kernel.listing('inet jupyterhub_test')\n"
        "kernel.delete('inet jupyterhub_test')\n"
        "assert kernel.listing('inet jupyterhub_test') is None\n"
        "assert select.select([watch], [], [], 5)[0]\n",
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a network namespace")
def test_packets_of_a_notebook_of_a_swarm_are_counted_by_the_rule_meant_for_them():
    in_a_namespace(
        str(Path(__file__).parents[1] / "helpers" / "firewall_traffic.py"),
        json.dumps(OF_A_SWARM),
    )
