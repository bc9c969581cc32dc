"""What is said of a call that is not let through."""


class Denied(Exception):
    """A call that is not let through; the message says why."""
