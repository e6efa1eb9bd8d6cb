"""A corpus behind a web server that answers range requests, on this machine."""

import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.readers.archives import open_binary
from speckle2vec.readers.listing import list_shards

CORPUS = {"source": "ssl4eo", "path": ".", "folders": ["train"]}


class Ranges(SimpleHTTPRequestHandler):
    """Serves a folder; what it has sent is counted by the server.

    As many answers as `breaks` says end in the middle; `refused` says what is said instead.
    """

    def do_HEAD(self):
        if self.server.refused:
            self.send_error(self.server.refused)
            return
        super().do_HEAD()

    def do_GET(self):
        if self.server.refused:
            self.send_error(self.server.refused)
            return
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
        self.server.asked += 1
        if self.server.breaks > 0:
            self.server.breaks -= 1
            self.wfile.write(content[start : (start + stop) // 2])
            self.close_connection = True
            return
        self.wfile.write(content[start:stop])
        self.server.sent += stop - start

    def end_headers(self):
        self.send_header("Accept-Ranges", "bytes")
        super().end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def web(tmp_path, monkeypatch):
    monkeypatch.setattr("speckle2vec.readers.remote_trouble.FIRST_WAIT_S", 0.01)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Ranges, directory=tmp_path))
    server.sent = server.asked = server.breaks = server.refused = 0
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
    with pytest.raises(UserError, match="holds no shard"):
        list_shards(settings_of(address(web) + "/nowhere", **CORPUS), "mine", Path("made"))


def test_an_answer_that_breaks_off_is_asked_for_again(web, opened, fakes, tmp_path, caplog):
    caplog.set_level("INFO", "speckle2vec")
    data = fakes.published(samples=2)
    fakes.write_zarr(tmp_path, data)
    web.breaks = 3
    shard = opened(address(web), "train-000001", **CORPUS)
    np.testing.assert_array_equal(shard.read(1), data["bands"].values[1].astype(np.float32))
    assert web.breaks == 0
    told = [record.getMessage() for record in caplog.records]
    assert sum("broke off; asking again" in line for line in told) == 3


def test_a_server_that_always_breaks_off_is_given_up(web, opened, fakes, tmp_path):
    fakes.write_zarr(tmp_path, fakes.published(samples=2))
    web.breaks = 1000
    with pytest.raises(UserError, match=r"000001\.zarr\.zip: cannot be read .*run the same"):
        opened(address(web), "train-000001", **CORPUS)
    assert web.asked == 4


def test_a_server_that_refuses_is_told_without_what_is_signed(web, fakes, tmp_path):
    path = fakes.write_zarr(tmp_path, fakes.published(samples=2))
    web.refused = 403
    url = f"{address(web)}/{path.relative_to(tmp_path)}"
    with pytest.raises(UserError, match=r"zip: the server refuses to show it \(403") as told:
        open_binary(f"{url}?sig=secret")
    assert "secret" not in str(told.value)
    web.refused = 404
    with pytest.raises(UserError, match="zip: there is no such file"):
        open_binary(url)


def test_a_refused_list_is_told(web, settings_of):
    web.refused = 403
    with pytest.raises(UserError, match="the server refuses to show it"):
        list_shards(settings_of(address(web), **CORPUS), "mine", Path("made"))
