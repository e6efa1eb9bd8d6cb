"""A server of COGs on loopback: ranges, delays, faults on demand, and a log of requests."""

import asyncio
import contextlib
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles


class CogServer:
    """Files of a folder over HTTP, as a blob store has them.

    `faults` maps a path, or `*` for every path, to what its next requests get instead of
    the file: a status, `cut` (the connection ends in the middle) or `flip` (a whole answer
    of zeros). The last is repeated where it stands behind a `...`.
    """

    def __init__(self, folder: Path, delay_s: float = 0.0) -> None:
        self.folder, self.delay_s = folder, delay_s
        self.faults: dict[str, list[object]] = defaultdict(list)
        self.requests: list[tuple[str, str, str]] = []
        self.at_once = self.most_at_once = 0
        self.port = 0
        self._files = Starlette(routes=[Mount("/", StaticFiles(directory=folder))])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def count(self) -> Counter[str]:
        """Requests a path."""
        return Counter(path for _, path, _ in self.requests)

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        # A client that was told a proxy sends the whole address.
        path = urlsplit(scope["path"]).path if "://" in scope["path"] else scope["path"]
        scope = {**scope, "path": path, "raw_path": path.encode(), "root_path": ""}
        self.requests.append((scope["method"], path, scope["query_string"].decode()))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.delay_s)
            await self.answer(scope, receive, send)
        finally:
            self.at_once -= 1

    async def answer(self, scope, receive, send) -> None:
        fault = self._fault(scope["path"])
        if isinstance(fault, int):
            await PlainTextResponse(f"told to say {fault}", fault)(scope, receive, send)
        elif fault == "cut":
            with contextlib.suppress(Exception):
                await self._files(scope, receive, _cut(send))
            raise ConnectionError("cut on demand")
        elif fault == "flip":
            await self._files(scope, receive, _flipped(send))
        else:
            await self._files(scope, receive, send)

    def _fault(self, path: str) -> object:
        waiting = self.faults.get(path) or self.faults.get("*")
        if not waiting:
            return None
        return waiting[1] if waiting[0] is ... else waiting.pop(0)


def _cut(send):
    """Announce the whole answer and send half of it."""

    async def half(message) -> None:
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            await send({**message, "body": body[: len(body) // 2], "more_body": True})
            raise ConnectionError("cut on demand")
        await send(message)

    return half


def _flipped(send):
    async def zeros(message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": bytes(len(message.get("body", b"")))}
        await send(message)

    return zeros


@contextlib.contextmanager
def serving(app: CogServer) -> Iterator[CogServer]:
    """Run a server in a thread of this process, on a free port."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the server did not start")
        threading.Event().wait(0.01)
    app.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield app
    finally:
        server.should_exit = True
        thread.join()
