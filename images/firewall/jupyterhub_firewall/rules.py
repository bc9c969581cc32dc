"""The rules, as text for `nft -f`. Pure."""

from collections.abc import Iterable, Sequence

from .members import Members
from .settings import Settings

NOBODY = Members()

PRIVATE = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/3",
)
"""Not the internet: this host, private and carriers' networks, link-local (cloud metadata), multicast."""

PRIORITY = -150
"""After connection tracking (-200), which the rules ask, and before any change of addresses (-100): what a
packet wants to reach is decided before a published port or anything else of Docker's can say otherwise."""


def inet(settings: Settings, resolvers: Sequence[str] = (), members: Members = NOBODY) -> str:
    """Routed packets, those for the host itself, and bridged ones where the kernel hands them over.

    `resolvers` are name servers that the host asks: on the host, their port 53 is open and no more.
    """
    beside = settings.overlays is not None
    jumps = [f'iifname "{settings.bridge}" jump {"members" if beside else "notebooks"}']
    jumps += [f'iifname "{bridge}" jump public_only' for bridge in settings.public_only]
    return _table(
        f"inet {settings.table}",
        {
            "prerouting": [f"type filter hook prerouting priority {PRIORITY}; policy accept;", *jumps],
            **({"members": [*_OTHERS, "jump notebooks"]} if beside else {}),
            "notebooks": _notebooks(settings, resolvers),
            "public_only": [_drop("meta nfproto != ipv4", "IPv6"), *_public_addresses(resolvers)],
        },
        members if beside else None,
    )


def bridge(settings: Settings, members: Members = NOBODY) -> str:
    """Frames from one port of the bridge to another, on kernels that keep them from the table above.

    There is no connection tracking here on older kernels: an answer is what does not open a TCP connection.
    """
    if settings.overlays is not None:
        both = f'meta ibrname "{settings.bridge}" meta obrname "{settings.bridge}"'
        return _table(
            f"bridge {settings.table}",
            {
                "forward": [
                    f"type filter hook forward priority {PRIORITY}; policy accept;",
                    f"{both} jump members",
                ],
                "members": [*_OTHERS, _drop("", "neighbours")],
            },
            members,
        )
    infrastructure = _set(settings.infrastructure)
    return _table(
        f"bridge {settings.table}",
        {
            "prerouting": [
                f"type filter hook prerouting priority {PRIORITY}; policy accept;",
                f'meta ibrname "{settings.bridge}" jump notebooks',
            ],
            "notebooks": [
                "ether type arp accept",
                "ether type != ip counter drop",
                f"ip saddr {infrastructure} accept",
                *_services(settings),
                f"ip daddr {infrastructure} tcp flags & (syn | ack) != syn accept",
                _drop(f"ip daddr {settings.subnet}", "neighbours"),
                # What is left is for the host to route or to take: the other table decides.
            ],
        },
    )


def _notebooks(settings: Settings, resolvers: Sequence[str]) -> list[str]:
    inside = _inside(settings) if settings.overlays is None else _beside_others(settings)
    if not settings.internet:
        return [
            *inside,
            # The last one would do. Apart, their counters tell what somebody tries.
            _drop("fib daddr type != unicast", "the host"),
            _drop("ip daddr 169.254.0.0/16", "link-local addresses, cloud metadata"),
            _drop(f"ip daddr {_set(PRIVATE)}", "private networks"),
            _drop("meta l4proto { tcp, udp } th dport 53", "name servers"),
            _drop("", "the internet"),
        ]
    allowed = [
        f"ip daddr {one.network} {f'tcp dport {_set(one.ports)} ' if one.ports else ''}accept"
        for one in settings.allowed
    ]
    return [*inside, *allowed, *_public_addresses(resolvers)]


def _inside(settings: Settings) -> list[str]:
    """On a network that has the stack's own containers, too."""
    infrastructure = _set(settings.infrastructure)
    return [
        _drop("meta nfproto != ipv4", "IPv6"),
        f"ip saddr {infrastructure} accept",
        _drop(f"ip saddr != {settings.subnet}", "addresses that nobody gave to a notebook"),
        # Answers to the infrastructure only: what was connected while there were no rules is cut.
        f"ip daddr {infrastructure} ct state established,related accept",
        *_services(settings),
        _drop(f"ip daddr {settings.subnet}", "neighbours, and what else the infrastructure listens on"),
    ]


def _beside_others(settings: Settings) -> list[str]:
    """On a bridge that others are on too, whose addresses are those that the host has a route to on it."""
    return [
        _drop("meta nfproto != ipv4", "IPv6"),
        _drop(f'fib saddr oifname != "{settings.bridge}"', "addresses that nobody gave to a notebook"),
        _drop(f'fib daddr oifname "{settings.bridge}"', "neighbours, and others on the bridge"),
        *(
            _drop(f"{one.protocol} dport {one.port}", "ports of the hosts' own network")
            for one in settings.closed_ports
        ),
    ]


def _public_addresses(resolvers: Sequence[str]) -> list[str]:
    names = "meta l4proto { tcp, udp } th dport 53 accept"
    return [
        *([f"ip daddr {_set(resolvers)} {names}"] if resolvers else []),
        # Public addresses of it, too.
        _drop("fib daddr type != unicast", "the host"),
        # Name servers are on private addresses as a rule, and those of some clouds are link-local.
        names,
        _drop("ip daddr 169.254.0.0/16", "link-local addresses, cloud metadata"),
        _drop(f"ip daddr {_set(PRIVATE)}", "private networks"),
        "accept",
    ]


def _drop(what: str, name: str) -> str:
    return f'{what} counter drop comment "{name}"'.lstrip()


def _services(settings: Settings) -> list[str]:
    return [f"ip daddr {one.address} tcp dport {one.port} accept" for one in settings.services]


def _set(values: Iterable[object]) -> str:
    return "{ " + ", ".join(map(str, values)) + " }"


_SETS = {"others": 4, "others6": 6}
_OTHERS = ("ip saddr @others accept", "ip6 saddr @others6 accept")
"""Before all else: others are none of these rules' business."""


def update(family: str, settings: Settings, members: Members) -> str:
    """Changes who is not held by the rules of a table, in one step."""
    table = f"{family} {settings.table}"
    lines = []
    for name, version in _SETS.items():
        lines.append(f"flush set {table} {name}")
        if found := _addresses(members, version):
            lines.append(f"add element {table} {name} {_set(found)}")
    return "\n".join([*lines, ""])


def _addresses(members: Members, version: int) -> list[str]:
    return [str(one) for one in sorted(one for one in members.others if one.version == version)]


def _table(name: str, chains: dict[str, list[str]], members: Members | None = None) -> str:
    """A table in the place of the one of that name, in one step: there is no moment without."""
    lines = [f"table {name}", f"delete table {name}", f"table {name} {{"]
    if members is not None:
        for one, version in _SETS.items():
            found = _addresses(members, version)
            lines += [f"  set {one} {{", f"    type ipv{version}_addr"]
            lines += [*([f"    elements = {_set(found)}"] if found else []), "  }"]
    for chain, rules in chains.items():
        lines += [f"  chain {chain} {{", *(f"    {rule}" for rule in rules), "  }"]
    return "\n".join([*lines, "}", ""])
