"""Stands between the hub and the Docker API: lets through what spawning servers needs and denies all else.

Every call has a rule that names its method, path, query and body; what no rule names is denied. Bodies are
parsed, and written anew from what was understood, so the engine never reads something else than was checked.
"""
