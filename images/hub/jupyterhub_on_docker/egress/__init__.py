"""The way out of a lockdown: a forward proxy that lets through what is on a list, and says who asks for what.

Why not squid: the reason of a refusal is in the status line, where pip, conda, npm and git show it; the
address that was checked is the address that is connected to; and who asks follows from credentials that the
hub signs for each server, without a helper or a table. It reads the head of a request and then moves bytes.
"""
