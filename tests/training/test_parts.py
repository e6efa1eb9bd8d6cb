"""Shards of a training before their pixels are read."""

import logging
from pathlib import Path

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.training.loading import load_samples
from speckle2vec.training.parts import (
    Part,
    check_meaning,
    check_number,
    common_form,
    read_part,
)

ATTRIBUTES = {
    "features": ["vv_mean", "vh_mean", "sobel_std"],
    "units": {"vv_mean": "dB", "vh_mean": "dB", "sobel_std": "grey level"},
    "calibration": "sigma0",
    "recipe": {"size": 32},
}


def part(name="one", shape=(3, 32, 32), dtype="float32", train=8, validation=0, **attributes):
    positions = {"train": np.arange(train), "validation": train + np.arange(validation)}
    ids = np.array([f"{name}{row}" for row in range(train + validation)], np.str_)
    return Part(
        Path(f"{name}.zarr.zip"), {**ATTRIBUTES, **attributes}, shape, np.dtype(dtype),
        positions, ids, np.zeros((len(ids), 4), np.float32),
    )  # fmt: skip


def test_splits_go_by_the_rows_of_the_catalogue_and_not_by_those_of_the_cubes(cube_corpus):
    splits = ["", "train", "", "test", "validation", "train", "", "buffer", "validation"]
    key = cube_corpus.write_shard("1", splits)
    found = read_part(key, cube_corpus.cubes, cube_corpus.catalogue)
    named = {split: found.ids[rows].tolist() for split, rows in found.positions.items()}
    assert named == {"train": ["1_1", "1_5"], "validation": ["1_4", "1_8"]}
    chosen = {"1_3": "train", "1_0": "train", "1_8": "validation", "1_5": "test"}
    found = read_part(key, cube_corpus.cubes, Path("no catalogue"), chosen)
    named = {split: found.ids[rows].tolist() for split, rows in found.positions.items()}
    assert named == {"train": ["1_3"], "validation": ["1_8"]}


def test_a_shard_without_cubes_is_a_part_without_samples(cube_corpus):
    key = cube_corpus.write_shard("1", ["", ""])
    found = read_part(key, cube_corpus.cubes, cube_corpus.catalogue)
    assert [len(rows) for rows in found.positions.values()] == [0, 0]
    assert found.seasons.shape == (0, 4)
    with pytest.raises(UserError, match="finds 0 samples in the training blocks of 1 shards"):
        check_number([found])


def test_the_common_form_has_the_least_of_either_side(cube_corpus, caplog):
    parts = [part(shape=(3, 64, 40)), part(shape=(3, 48, 96)), part(shape=(3, 8, 8), train=0)]
    with caplog.at_level(logging.INFO, "speckle2vec"):
        form = common_form(parts, cube_corpus.statistics)
    assert form.shape == (3, 48, 40)
    assert "patches of 48 x 96, 64 x 40 pixels; all are trained on their centre of 48 x 40" in (
        caplog.text
    )
    caplog.clear()
    with caplog.at_level(logging.INFO, "speckle2vec"):
        common_form(parts[1:], cube_corpus.statistics)
    assert not caplog.records


@pytest.mark.parametrize(
    ("types", "halved"),
    [(("float16", "float16"), True), (("float16", "float32"), False), (("float32",), False)],
)
def test_half_precision_counts_where_all_that_give_samples_have_it(cube_corpus, types, halved):
    parts = [part(dtype=dtype) for dtype in types]
    empty = part(dtype="float32", train=0)
    assert common_form([*parts, empty], cube_corpus.statistics).halved == halved


def test_held_out_samples_that_are_too_few_to_be_read_cut_no_patch(cube_corpus):
    """Training samples stand in for them, so their shard gives no sample."""
    keys = [
        cube_corpus.write_shard("1", ["train"] * 8, side=64),
        cube_corpus.write_shard("2", ["validation"] * 3, side=40),
    ]
    samples = load_samples(
        keys, cube_corpus.cubes, cube_corpus.catalogue, cube_corpus.statistics, 1.0
    )
    assert samples.held_out_is_training
    assert samples.train.shape == (3, 64, 64)


def test_the_digest_follows_pixels_and_splits_and_nothing_else():
    digest = part(sha256="a").digest
    assert part("other", sha256="a", calibration="gamma0").digest == digest
    assert part(sha256="b").digest != digest
    assert part(sha256="a", train=7, validation=1).digest != digest


def test_a_shard_that_does_not_fit_the_statistics_is_not_said_not_to_fit_itself(cube_corpus):
    other = cube_corpus.changed(calibration="gamma0").statistics
    check_meaning([part("one"), part("two")], cube_corpus.statistics)
    with pytest.raises(UserError, match='calibration is "sigma0", not "gamma0"') as refused:
        check_meaning([part("one")], other)
    assert "together with one.zarr.zip" not in str(refused.value)


def test_too_few_chosen_samples_are_told_apart_from_too_few_at_all():
    few = [part(train=5), part(train=2)]
    with pytest.raises(UserError, match=r"chosen training samples 7 have cubes in 2 shards.*8 are"):
        check_number(few, chosen=True)
    with pytest.raises(UserError, match=r"finds 7 samples .* of 2 shards and needs at least 8"):
        check_number(few)
    check_number([*few, part(train=1)], chosen=True)
