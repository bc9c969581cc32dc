"""Keeps the rules between notebook servers and everything else: puts them in, and back when they vanish.

The rules are in nftables tables of their own, ahead of all that Docker or an administrator has. They only
drop,
and a drop is final whoever accepts later. So it does not matter whether Docker uses iptables-nft,
iptables-legacy or nftables, and flushing its chains takes nothing from these.
"""
