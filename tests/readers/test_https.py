"""A corpus behind a web server that answers range requests, on this machine."""

import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.readers.listing import list_shards

CORPUS = {"source": "ssl4eo", "path": ".", "folders": ["train"]}


class Ranges(SimpleHTTPRequestHandler):
    """Serves a folder; what it has sent is counted by the server."""

    def do_GET(self):
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if not asked:
            super().do_GET()
            return
        content = Path(self.translate_path(self.path)).read_bytes()
        start, stop = int(asked[1]), min(int(asked[2]) + 1, len(content))
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(content)}")
        self.send_header("Content-Length", str(stop - start))
        self.end_headers()
        self.wfile.write(content[start:stop])
        self.server.sent += stop - start

    def end_headers(self):
        self.send_header("Accept-Ranges", "bytes")
        super().end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def web(tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Ranges, directory=tmp_path))
    server.sent = 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def address(web) -> str:
    return f"http://127.0.0.1:{web.server_port}"


def test_a_shard_is_listed_and_read_by_ranges(web, opened, fakes, settings_of, tmp_path):
    dataset = fakes.published(samples=8, side=300)
    path = fakes.write_zarr(tmp_path, dataset, chunks=(1, 4, 2, 300, 300))
    shards = list_shards(settings_of(address(web), **CORPUS), "mine", Path("made"))
    assert list(shards) == ["train-000001"]
    shard = opened(address(web), "train-000001", **CORPUS)
    truth = dataset["bands"].values[5].astype(np.float32)
    np.testing.assert_array_equal(shard.read(5), truth)
    shard.close()
    assert 0 < web.sent < path.stat().st_size * 2 / 3


def test_an_address_where_nothing_is_served_is_a_sentence(settings_of):
    settings = settings_of("http://127.0.0.1:9", **CORPUS)
    with pytest.raises(UserError, match="check the URL and the connection"):
        list_shards(settings, "mine", Path("made"))


def test_a_folder_that_the_server_lacks_is_a_sentence(web, settings_of):
    with pytest.raises(UserError, match=r"holds no shard|cannot be listed"):
        list_shards(settings_of(address(web) + "/nowhere", **CORPUS), "mine", Path("made"))
