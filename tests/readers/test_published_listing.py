"""Shards of a release of SSL4EO-S12, by the names of its files."""

import pytest
from tests.readers.listed import MADE, names, touch

from speckle2vec.errors import UserError
from speckle2vec.readers.listing import list_shards

PUBLISHED = {"source": "ssl4eo", "path": "pub"}


def test_published_shards_of_both_releases(settings_of, tmp_path):
    touch(
        tmp_path / "pub",
        "train/S1GRD/ssl4eos12_train_seasonal_data_000010.zarr.zip",
        "train/S1GRD/ssl4eos12_train_seasonal_data_000002.zarr.zip",
        "train/S1GRD/README.md",
        "train/S2L2A/ssl4eos12_train_seasonal_data_000099.zarr.zip",
        "val/S1GRD/ssl4eos12_shard_000001.tar",
    )
    listing = list_shards(settings_of(tmp_path, **PUBLISHED), "mine", MADE)
    assert list(listing) == ["train-000002", "train-000010", "val-000001"]
    assert listing["val-000001"] == (f"{tmp_path}/pub/val/S1GRD/ssl4eos12_shard_000001.tar",)
    limited = settings_of(tmp_path, **PUBLISHED, shards="train-00000?")
    assert names(limited) == ["train-000002"]


def test_published_shards_of_a_url(settings_of, memory):
    file = "train/S1GRD/ssl4eos12_train_seasonal_data_000001.zarr.zip"
    memory.put({file: b"", "train/S1GRD/x.txt": b""}, "all/pub")
    settings = settings_of("memory://all", path="pub", source="ssl4eo", folders=["train"])
    assert list_shards(settings, "mine", MADE) == {"train-000001": (f"memory://all/pub/{file}",)}


@pytest.mark.parametrize(
    ("files", "corpus", "sentence"),
    [
        ((), PUBLISHED, "there is no such folder"),
        (("pub/train/S1GRD/a.txt", "pub/val/S1GRD/b.txt"), PUBLISHED, "holds no shard"),
        (
            ("pub/train/S1GRD/a_1.zarr.zip", "pub/val/S1GRD/b.txt"),
            PUBLISHED | {"shards": "val-*"},
            "of the 1 files .* none matches 'val-\\*'",
        ),
        (
            ("pub/train/S1GRD/a_1.zarr.zip", "pub/train/S1GRD/b_1.tar"),
            PUBLISHED | {"folders": ["train"]},
            "is shard train-1 just as",
        ),
    ],
)
def test_what_is_wrong_with_published_folders(settings_of, tmp_path, files, corpus, sentence):
    touch(tmp_path, *files)
    with pytest.raises(UserError, match=sentence):
        names(settings_of(tmp_path, **corpus))
