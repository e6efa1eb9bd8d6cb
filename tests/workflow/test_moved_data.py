"""Raw data behind another address are other data, though its shards have the same names."""

import threading
from functools import partial
from http.server import ThreadingHTTPServer

import pytest
import yaml
from tests.readers import fakes
from tests.readers.test_https import Ranges

PRODUCTS = (
    "results/catalogue/far/val-000001.parquet",
    "results/cubes/sar-temporal/far/val-000001.zarr.zip",
)


@pytest.fixture
def web(tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Ranges, directory=tmp_path))
    server.sent = server.asked = server.breaks = server.refused = 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def write_config(project, **values):
    corpus = {"source": "ssl4eo", "folders": ["val"], "path": "."}
    config = {"corpora": {"far": corpus}, "pretrain": {"epochs": 2}, **values}
    (project.folder / "far.yaml").write_text(yaml.safe_dump(config))


def test_another_address_runs_everything_again(fresh, web, tmp_path):
    for folder in ("one", "two"):
        fakes.write_zarr(tmp_path / folder, fakes.published(samples=2, side=64), folder="val")
    write_config(fresh, data=f"{web}/one")
    fresh.make(*PRODUCTS, config="far.yaml")
    assert not fresh.planned(*PRODUCTS, config="far.yaml")
    write_config(fresh, data=f"{web}/two")
    assert fresh.planned(*PRODUCTS, config="far.yaml") == {"ingest": 1, "preprocess": 1}
