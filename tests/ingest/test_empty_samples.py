"""Samples without a single pixel."""

from pathlib import Path

import pytest

from speckle2vec.ingest.run import ingest_shard
from speckle2vec.products.catalogue import read_catalogue_part
from speckle2vec.products.keys import ShardKey

KEY = ShardKey("mine", "train-000001")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_member_without_pixels_is_refused_beside_one_with(fakes, settings_of, tmp_path):
    members = {
        "a.zarr.zip": fakes.zipped(fakes.member(side=0)),
        "b.zarr.zip": fakes.zipped(fakes.member(seed=1)),
    }
    fakes.write_tar(tmp_path, members)
    settings = settings_of(tmp_path, source="ssl4eo", path=".", folders=["train"])
    ingest_shard(settings, KEY, Path("made"), tmp_path / "part.parquet")
    rows = read_catalogue_part(tmp_path / "part.parquet", KEY, drawn=settings.drawn).to_pylist()
    assert [row["verdict"] for row in rows] == ["refused", "accepted"]
    assert rows[0]["reason"]
