"""What is said of a call that is not let through."""


class Denied(Exception):
    """A call that is not let through; the message says why."""


class NotReady(Exception):
    """A call that would be let through later; the message says what for."""
