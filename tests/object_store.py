"""An S3 server on loopback: moto's, with a log of requests, a check of keys, and faults."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

KEY, SECRET, REGION = "key-of-tests", "secret-of-tests", "us-east-1"
DENIED = (
    b'<?xml version="1.0"?><Error><Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id '
    b"you provided does not exist in our records.</Message></Error>"
)


class Request(NamedTuple):
    """What was asked for, and how much of it was sent."""

    method: str
    path: str
    query: str
    range: str
    status: int
    sent: int


@dataclass
class ObjectStore:
    """The application; `breaks` says how many answers to GET of a key end in the middle."""

    requests: list[Request] = field(default_factory=list)
    breaks: dict[str, int] = field(default_factory=dict)
    port: int = 0

    def __post_init__(self) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What a person sets to use another store than Amazon's."""
        return {
            "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": self.url,
        }  # fmt: skip

    def sent(self, path: str = "") -> dict[str, int]:
        """Bytes of objects that were sent, by key, below a path."""
        told: dict[str, int] = {}
        for one in self.requests:
            an_object = one.method == "GET" and one.path.strip("/").count("/") > 0
            if an_object and one.path.startswith(path):
                told[one.path] = told.get(one.path, 0) + one.sent
        return told

    def __call__(self, environ, start_response):
        told: list[int] = []

        def start(status, headers, exc_info=None):
            told.append(int(status.split()[0]))
            return start_response(status, headers)

        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        body = self._answer(environ, start)
        if method == "GET" and self.breaks.get(path, 0) > 0:
            self.breaks[path] -= 1
            body = body[: len(body) // 2]
        sent = 0 if method == "HEAD" else len(body)
        query, part = environ.get("QUERY_STRING", ""), environ.get("HTTP_RANGE", "")
        self.requests.append(Request(method, path, query, part, told[-1], sent))
        return [body]

    def _answer(self, environ, start) -> bytes:
        signed = re.search(r"Credential=([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
        if not signed or signed[1] != KEY:
            start("403 FORBIDDEN", [("Content-Length", str(len(DENIED)))])
            return b"" if environ["REQUEST_METHOD"] == "HEAD" else DENIED
        return b"".join(self._moto(environ, start))


class _Silent(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *arguments) -> None:
        pass


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """Serve in a thread of this process, on a free port."""
    store = ObjectStore()
    server = make_server("127.0.0.1", 0, store, threaded=True, request_handler=_Silent)
    store.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
