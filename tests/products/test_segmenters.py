import dataclasses
import json

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from speckle2vec.errors import UserError
from speckle2vec.products.encoders import EncoderFile, write_encoder
from speckle2vec.products.labels import LabelClass
from speckle2vec.products.segmenters import SegmenterFile, read_segmenter, write_segmenter
from speckle2vec.products.statistics import Statistics


@pytest.fixture
def segmenter():
    statistics = Statistics(("vv",), {"vv": "dB"}, "sigma0", (4.0,), (-12.3,), (1 / 3,), "abc")
    weights = {"stem.weight": np.arange(6, dtype=np.float32).reshape(2, 3)}
    encoder = EncoderFile(
        "resnet18", 1, {}, statistics, {"feature_set": "fusion"}, "vae", {"crop": 64}, 7, "d", 9,
        "code", {"torch": "2"}, weights,
    )  # fmt: skip
    return SegmenterFile(
        encoder=encoder, classes=(LabelClass(1, 5, "water", "#00ccf2"),), run="whole-25",
        crop=64, training={"epochs": 3}, seed=7, drawn=42, data="e", samples={"train": 8},
        epochs={"trained": 3, "kept": 2}, code="f", versions={"torch": "2"},
        decoder={"classify.bias": np.zeros(1, np.float32), "n": np.array(3, np.int64)},
    )  # fmt: skip


def same(first, second):
    for field in dataclasses.fields(first):
        left, right = getattr(first, field.name), getattr(second, field.name)
        if field.name in ("weights", "decoder"):
            assert left.keys() == right.keys()
            assert all(np.array_equal(left[name], right[name]) for name in left)
        elif field.name == "encoder":
            same(left, right)
        else:
            assert left == right, field.name


def test_it_comes_back_as_it_was_and_equal_ones_are_equal_bytes(segmenter, tmp_path):
    paths = tmp_path / "a", tmp_path / "b"
    for path in paths:
        write_segmenter(segmenter, path)
    same(read_segmenter(paths[0]), segmenter)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_tensors_are_named_by_their_network(segmenter, tmp_path):
    write_segmenter(segmenter, tmp_path / "a")
    with safe_open(tmp_path / "a", framework="numpy") as file:
        assert sorted(file.keys()) == ["decoder.classify.bias", "decoder.n", "encoder.stem.weight"]


@pytest.mark.parametrize("kind", ["missing", "text", "encoder", "cut", "lacking"])
def test_what_is_no_segmenter_is_said(segmenter, tmp_path, kind):
    path = tmp_path / "segmenter.safetensors"
    if kind == "text":
        path.write_text("no")
    elif kind == "encoder":
        write_encoder(segmenter.encoder, path)
    elif kind == "cut":
        write_segmenter(segmenter, path)
        path.write_bytes(path.read_bytes()[:-3])
    elif kind == "lacking":
        save_file({}, path, {"speckle2vec": json.dumps({"classes": [], "encoder": {}})})
    with pytest.raises(UserError, match="missing, damaged or no segmenter of speckle2vec"):
        read_segmenter(path)
