"""A STAC API on loopback, and a server before it that has bad days."""

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

RUSTAC = shutil.which("rustac") or str(Path(sys.executable).with_name("rustac"))
METHODS = ["GET", "POST"]
SIGNED = "?st=2021-01-01&se=2099-01-01&sp=rl&sig=abcd%3D&token=door"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextlib.contextmanager
def stac_api(items, folder):
    """`rustac serve` with the items; gives its address."""
    path = folder / "items.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": items}))
    port = free_port()
    command = [RUSTAC, "serve", "--create-collections", "-a", f"127.0.0.1:{port}", str(path)]
    with (folder / "rustac.log").open("w") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/", running)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(10)


def wait_for(address, running=None):
    for _ in range(200):
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(address).status_code < 500:
                return
        if running is not None and running.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"{address} does not answer")


class Front:
    """Passes requests on to an API, and counts them; what goes wrong is set by the test.

    `faults`: statuses that the next searches get instead of an answer; `always`: one that
    every search gets; `ignoring`: whether filters are thrown away; `signing`: whether
    addresses of images come signed; `delay_s`: how long every search takes.
    """

    def __init__(self, behind):
        self.behind, self.port = behind, free_port()
        self.faults, self.always, self.ignoring, self.signing = [], 0, False, False
        self.searches, self.delay_s, self.at_once, self.most_at_once = [], 0.0, 0, 0
        self.application = Starlette(routes=[Route("/{path:path}", self.answer, methods=METHODS)])

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request):
        path, body = request.url.path, await request.body()
        if path.endswith("search"):
            if status := await self.search(json.loads(body or b"{}")):
                told = {"Retry-After": "0"} if status == 429 else {}
                return PlainTextResponse(f"no, and {self.url}/x{SIGNED}", status, headers=told)
            body = self.asked(body)
        return await passed_on(self, request.method, path, str(request.url.query), body)

    async def search(self, asked):
        """Note a search, let it take its time, and give the status it fails with, if any."""
        self.searches.append(asked)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self.delay_s)
        self.at_once -= 1
        return self.faults.pop(0) if self.faults else self.always

    def asked(self, body):
        """What the API is asked instead."""
        if not self.ignoring:
            return body
        kept = {name: value for name, value in json.loads(body or b"{}").items()
                if name in ("limit", "token", "skip")}  # fmt: skip
        return json.dumps(kept).encode()


async def passed_on(front, method, path, query, body):
    address = f"{front.behind}{path}" + (f"?{query}" if query else "")
    async with httpx.AsyncClient(verify=False, trust_env=False) as client:
        got = await client.request(
            method, address, content=body, headers={"Content-Type": "application/json"}
        )
    text = got.text.replace(front.behind, front.url)
    if front.signing:
        text = text.replace(".tif", f".tif{SIGNED}")
    kind = got.headers.get("content-type", "application/json")
    return Response(text, got.status_code, media_type=kind)


@contextlib.contextmanager
def served(front):
    """The front, up while the block lasts."""
    config = uvicorn.Config(front.application, port=front.port, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(f"{front.url}/")
    try:
        yield front
    finally:
        server.should_exit = True
        thread.join(10)
