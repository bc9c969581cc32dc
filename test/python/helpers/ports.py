"""Ports for servers of tests."""

import random
import socket

RANGE = range(20_000, 32_000)
"""Below those that a system gives to connections, which come and go between a look and a start."""


def free_port() -> int:
    """A port of the loopback address that nothing listens on, and that nobody is given by chance."""
    while True:
        port = random.choice(RANGE)
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
