"""Notebook servers as services of a Docker Swarm."""
