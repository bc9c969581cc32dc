"""JupyterHub's spawners: of containers on one host, and of services in a Swarm."""
