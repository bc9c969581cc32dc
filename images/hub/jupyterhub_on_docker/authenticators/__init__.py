"""JupyterHub's authenticators with what they lack: thin subclasses, a module a family."""
