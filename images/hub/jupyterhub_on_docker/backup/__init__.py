"""Backups with restic: a program of its own, in a container that needs neither the hub nor Docker."""
