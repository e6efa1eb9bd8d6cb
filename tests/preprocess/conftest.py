"""The stage on drawn pairs."""

import pyarrow as pa
import pytest
from tests.preprocess.drawn_pairs import KEY, STACKS, DrawnOptical, DrawnRadar

from speckle2vec.preprocess import fusion, run, samples
from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.settings.load import parse_settings


@pytest.fixture
def preprocess(tmp_path, monkeypatch):
    """Preprocess drawn samples of some shapes; give the path of the cubes."""

    def work(shapes, optical=None, threads=1, name="cubes", changed=None, corpus=None):
        optical = optical or DrawnOptical(shapes)
        monkeypatch.setattr(samples, "open_shard", lambda *_: DrawnRadar(shapes))
        monkeypatch.setattr(fusion, "open_optical", lambda *_: optical)
        settings = parse_settings(
            {
                "corpora": {"stacks": STACKS | (corpus or {})},
                "preprocess": {"fusion": {"smallest": 32, **(changed or {})}},
            },
            "test",
        )
        rows = [
            {"sample_id": f"s{row}", "corpus": KEY.corpus, "shard": KEY.shard, "row": row,
             "place": f"s{row}", "height": shape[0], "width": shape[1], "verdict": "accepted",
             "reason": ""}
            for row, shape in enumerate(shapes)
        ]  # fmt: skip
        write_catalogue(pa.Table.from_pylist(rows, schema=SCHEMA), tmp_path / "part.parquet")
        output = tmp_path / f"{name}.zarr.zip"
        run.preprocess_shard(
            settings, KEY, "fusion", tmp_path / "part.parquet", tmp_path, output, threads
        )
        return output

    return work
