
# Docker gives the address of a name for ten minutes, and aiohttp's usual resolver keeps it that long. A hub that is
# somewhere else meanwhile, on another node of a Swarm, is found at once by asking the C library.
try:
    import aiohttp.connector
    import aiohttp.resolver

    aiohttp.connector.DefaultResolver = aiohttp.resolver.ThreadedResolver
except ImportError:
    # JupyterHub before 6 does without aiohttp.
    pass


# A server asks the hub every five minutes who somebody is. While the hub is away, the hub's last answer counts: otherwise
# people at work would get errors and could not save. Only answers of the last hours; whom the hub refuses stays outside.
def _keep_answers_while_the_hub_is_away(seconds=12 * 3600):
    import functools
    import inspect
    import time

    from jupyterhub.services.auth import HubAuth
    from tornado.web import HTTPError

    ask = HubAuth._check_hub_authorization
    if not inspect.iscoroutinefunction(ask):
        return
    answers = {}

    @functools.wraps(ask)
    async def ask_or_remember(self, url, api_token, cache_key=None, use_cache=True):
        try:
            answer = await ask(self, url, api_token, cache_key=cache_key, use_cache=use_cache)
        except HTTPError as error:
            # No connection, which has a cause, or a hub that fails itself. Other errors are the hub's answer.
            is_away = error.status_code == 502 or error.__context__ is not None
            at, answer = answers.get(cache_key, (0, None))
            if not is_away or not use_cache or answer is None or time.monotonic() - at > seconds:
                raise
            # Not asked again at every request.
            self.cache[cache_key] = answer
            return answer
        if use_cache:
            now = time.monotonic()
            for key in [key for key, (at, _) in answers.items() if now - at > seconds]:
                del answers[key]
            # As long as the cache has an answer it is no new one.
            if answer is None:
                answers.pop(cache_key, None)
            elif answers.get(cache_key, (0, None))[1] is not answer:
                answers[cache_key] = (now, answer)
        return answer

    HubAuth._check_hub_authorization = ask_or_remember


try:
    _keep_answers_while_the_hub_is_away()
except (ImportError, AttributeError):
    # Another JupyterHub, whose servers ask in another way.
    pass

# The extension that tells people and the server's log that a kernel was killed for memory.
import sys

sys.path.append("/usr/local/share/jupyterhub-on-docker")
