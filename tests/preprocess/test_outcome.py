"""What has become of samples, block after block."""

import logging
import weakref
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from tests.preprocess.drawn_pairs import KEY, STACKS

from speckle2vec.preprocess.base import Cube, LeftOut
from speckle2vec.preprocess.outcome import Outcome
from speckle2vec.products.cube_writer import new_cubes
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.stores import open_store
from speckle2vec.settings.load import parse_settings

SAMPLES = [(2, "a"), (3, "b"), (7, "c"), (8, "d"), (11, "e")]
SHAPE = 2, 4, 4
DATE = np.datetime64("2020-01-01", "ms")
FEATURES = SimpleNamespace(
    attributes={"features": ["vv", "vh"], "calibration": "of the feature set"},
    records={"delay": ("float64", (2,)), "pair": ("int64", ())},
)


def cube(number):
    dates = DATE + np.timedelta64(number, "D"), DATE + np.timedelta64(number + 1, "D")
    return Cube(np.full(SHAPE, number, np.float32), dates, {"delay": (number, 0.5), "pair": number})


def out(kind="lack a pair"):
    return LeftOut(kind, f"they {kind}")


@pytest.fixture
def written(tmp_path):
    """Write blocks, and give the outcome and the path of the cubes."""

    def write(*blocks):
        settings = parse_settings({"corpora": {KEY.corpus: STACKS}}, "test")
        job, outcome = SimpleNamespace(settings=settings, key=KEY), Outcome(SAMPLES)
        path = tmp_path / "cubes.zarr.zip"
        with new_cubes(path, len(SAMPLES), SHAPE) as cubes:
            for block in blocks:
                outcome.write(block, cubes)
            outcome.describe(cubes, FEATURES, job)
        return outcome, path

    return write


@pytest.mark.parametrize("cuts", [(0, 5), (0, 1, 2, 3, 4, 5), (0, 2, 2, 5), (0, 3, 5)])
def test_ids_and_rows_stay_with_their_cubes_however_blocks_are_cut(written, cuts):
    every = [out(), cube(3), cube(7), out("are dark"), cube(11)]
    _, path = written(*[every[at:to] for at, to in pairwise(cuts)])
    with open_cubes(path, KEY) as shard:
        assert shard.sample_ids == ("b", "c", "e")
        assert shard.rows.tolist() == [3, 7, 11]
        assert shard.read(0, 3)[:, 0, 0, 0].tolist() == [3, 7, 11]
        assert (shard.dates[:, 0] - DATE).astype("m8[D]").astype(int).tolist() == [3, 7, 11]
        assert shard.attributes["left_out"] == {
            "a": "they lack a pair", "d": "they are dark",
        }  # fmt: skip
        assert shard.attributes["calibration"] == "gamma0"
    with open_store(path) as group:
        assert group["delay"][...].tolist() == [[3, 0.5], [7, 0.5], [11, 0.5]]
        assert group["pair"][...].tolist() == [3, 7, 11]


def test_a_shard_of_which_all_are_left_out_is_a_shard_still(written):
    _, path = written([out()] * 2, [out()] * 3)
    with open_cubes(path, KEY) as shard:
        assert shard.cubes.shape == (0, *SHAPE)
        assert shard.sample_ids == ()
        assert shard.moments.mean.shape == (0, 2)
        assert list(shard.attributes["left_out"]) == list("abcde")
    with open_store(path) as group:
        assert {name: group[name].shape for name in FEATURES.records} == {
            "delay": (0, 2), "pair": (0,),
        }  # fmt: skip


def test_each_kind_of_what_is_left_out_is_told_with_its_count(written, caplog):
    outcome, _ = written([out(), out("are dark"), cube(7), out(), cube(11)])
    with caplog.at_level(logging.INFO, "speckle2vec"):
        outcome.tell(KEY)
    assert [record.getMessage() for record in caplog.records] == [
        "stacks/place-1: 2 of 5 samples lack a pair.",
        "stacks/place-1: 1 of 5 samples are dark.",
    ]


def test_nothing_is_told_where_all_is_kept(written, caplog):
    outcome, _ = written([cube(number) for number in range(5)])
    with caplog.at_level(logging.INFO, "speckle2vec"):
        outcome.tell(KEY)
    assert not caplog.records


def test_pixels_are_let_go_when_they_are_written(tmp_path):
    outcome, alive = Outcome(SAMPLES), []
    with new_cubes(tmp_path / "cubes.zarr.zip", len(SAMPLES), SHAPE) as cubes:
        for number in range(len(SAMPLES)):
            one = cube(number)
            alive.append(weakref.ref(one.values))
            outcome.write([one], cubes)
            del one
            assert [held() for held in alive] == [None] * (number + 1)
