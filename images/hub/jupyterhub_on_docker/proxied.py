"""Requests to login services through an HTTP proxy.

Authenticators make them with Tornado's client, which knows no proxy. This one asks the proxy that the
environment names for an address, with aiohttp, and is Tornado's own for all others.
"""

import asyncio
import io
import ssl
import time
from collections.abc import Callable
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]

import aiohttp
from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPHeaders
from tornado.simple_httpclient import SimpleAsyncHTTPClient

NO_ANSWER = 599
"""Tornado's code for a request without an answer."""


def configure() -> None:
    """Lets authenticators use the proxies of the environment, where it has any."""
    if set(getproxies_environment()) & {"http", "https", "all"}:
        AsyncHTTPClient.configure(ProxiedHTTPClient)


def proxy_of(url: str) -> str | None:
    """The proxy for an address, or None for none."""
    parts = urlsplit(url)
    if proxy_bypass_environment(parts.netloc.rpartition("@")[2]):
        return None
    proxies = getproxies_environment()
    return proxies.get(parts.scheme) or proxies.get("all")


class ProxiedHTTPClient(SimpleAsyncHTTPClient):
    def fetch_impl(self, request: HTTPRequest, callback: Callable[[HTTPResponse], None]) -> None:
        proxy = proxy_of(request.url)
        if proxy is None:
            super().fetch_impl(request, callback)
            return
        task = asyncio.ensure_future(_fetch(request, proxy))
        task.add_done_callback(lambda done: callback(done.result()))


async def _fetch(request: HTTPRequest, proxy: str) -> HTTPResponse:
    """The answer, or one with the error, as Tornado's own client gives it."""
    begin = time.monotonic()
    try:
        timeout = aiohttp.ClientTimeout(request.request_timeout, sock_connect=request.connect_timeout)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(
                request.method,
                request.url,
                headers=dict(_headers(request)),
                data=request.body,
                proxy=proxy,
                ssl=_ssl(request),
                allow_redirects=bool(request.follow_redirects),
                max_redirects=request.max_redirects or 5,
            ) as answer,
        ):
            headers = HTTPHeaders()
            for name, value in answer.headers.items():
                headers.add(name, value)
            return HTTPResponse(
                request,
                answer.status,
                headers,
                io.BytesIO(await answer.read()),
                str(answer.url),
                request_time=time.monotonic() - begin,
                reason=answer.reason,
            )
    except TimeoutError:
        problem: Exception = HTTPError(NO_ANSWER, "no answer in time")
    except aiohttp.ClientHttpProxyError as error:
        # Its own message has the proxy's address, and so perhaps a password.
        problem = OSError(f"the proxy answered {error.status} {error.message}")
    except aiohttp.ClientProxyConnectionError as error:
        problem = OSError(f"no connection to the proxy: {error.os_error.strerror or 'it does not answer'}")
    except aiohttp.ClientError as error:
        problem = OSError(f"{type(error).__name__}: {error}")
    return HTTPResponse(request, NO_ANSWER, error=problem, request_time=time.monotonic() - begin)


def _headers(request: HTTPRequest) -> list[tuple[str, str]]:
    headers = HTTPHeaders(request.headers)
    if request.user_agent:
        headers.setdefault("User-Agent", request.user_agent)
    if request.auth_username is not None:
        login = aiohttp.BasicAuth(request.auth_username, request.auth_password or "")
        headers["Authorization"] = login.encode()
    if request.method == "POST" and "Content-Type" not in headers:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return list(headers.get_all())


def _ssl(request: HTTPRequest) -> ssl.SSLContext | bool:
    if isinstance(request.ssl_options, ssl.SSLContext):
        return request.ssl_options
    if request.validate_cert is False:
        return False
    return ssl.create_default_context(cafile=request.ca_certs)
