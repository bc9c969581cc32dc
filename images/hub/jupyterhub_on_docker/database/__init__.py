"""The hub's database: how it is reached, copied, and made ready for JupyterHub.

A copy is always an SQLite file, whatever it was made from: it can be put into any kind of database, by any
later version of JupyterHub, and nothing but Python is needed to make one.
"""

from .connection import address, wait_for, without_password
from .dump import describe, dump
from .start import prepare
from .undo import undo, undo_restore

__all__ = ["address", "describe", "dump", "prepare", "undo", "undo_restore", "wait_for", "without_password"]
