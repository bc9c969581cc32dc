
# Docker gives the address of a name for ten minutes, and aiohttp's usual resolver keeps it that long. A hub that is
# somewhere else meanwhile, on another node of a Swarm, is found at once by asking the C library.
try:
    import aiohttp.connector
    import aiohttp.resolver

    aiohttp.connector.DefaultResolver = aiohttp.resolver.ThreadedResolver
except ImportError:
    # JupyterHub before 6 does without aiohttp.
    pass
