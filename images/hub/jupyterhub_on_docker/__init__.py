"""Turns one JSON file and a folder of secrets into a running JupyterHub, and filters its calls to Docker."""

from . import grammar

# Before anything here imports JupyterHub.
grammar.put_off()
