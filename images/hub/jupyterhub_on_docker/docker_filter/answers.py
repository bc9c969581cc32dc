"""What the filter answers, and what it writes to its log of a call."""

import logging

from aiohttp import ClientResponse, web

log = logging.getLogger("docker-filter")

_LOG_LINE = 400
"""Characters of what a caller says that are written to the log, and answered."""

_ANSWER_HEADERS = ("Content-Type", "Content-Length", "Api-Version", "X-Docker-Container-Path-Stat")


async def stream(request: web.Request, answer: ClientResponse) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status)
    for name in _ANSWER_HEADERS:
        if name in answer.headers:
            response.headers[name] = answer.headers[name]
    await response.prepare(request)
    try:
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
        await response.write_eof()
    except ConnectionResetError:
        # The client has what it wants, such as the first header of an archive: the engine may stop too.
        answer.close()
    return response


def denied(request: web.Request, reason: str, status: int = 403) -> web.Response:
    log.warning(
        "denied %s %s from %s: %s",
        request.method,
        shown(request.raw_path),
        request.remote,
        shown(reason),
    )
    return message(status, reason)


def message(status: int, text: str) -> web.Response:
    return web.json_response({"message": f"docker-filter: {shown(text)}"}, status=status)


def shown(text: str) -> str:
    """What a caller said, for a line of a log: of any length and with any character before."""
    short = text if len(text) <= _LOG_LINE else f"{text[:_LOG_LINE]}…"
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in short)
