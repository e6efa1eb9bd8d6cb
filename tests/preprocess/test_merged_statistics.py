import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speckle2vec.errors import UserError
from speckle2vec.preprocess.statistics import Merged, merge, merge_statistics
from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.products.cube_writer import write_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.statistics import read_statistics
from speckle2vec.settings.load import parse_settings

SETTINGS = parse_settings({"corpora": {"demo": {"source": "simulated"}}}, "test")
NAMES = ("vv_mean", "vh_mean", "vv_std")
ATTRIBUTES = {
    "features": list(NAMES),
    "units": dict.fromkeys(NAMES, "dB"),
    "calibration": "sigma0",
    "nodata": "median",
    "recipe": {"size": 64, "order": "date"},
}
SPLITS = ("train", "test", "train", "buffer", "train", "validation")
KEYS = tuple(ShardKey("demo", f"train-{number:06d}") for number in (1, 2, 3))


@pytest.fixture
def results(tmp_path):
    """Write shards and merge them: `results(changed={key: attributes}, splits=...)`."""

    def work(keys=KEYS, changed=None, splits=SPLITS, level=-20.0, verdicts=("accepted",) * 6):
        cubes, catalogue = tmp_path / "cubes" / "set", tmp_path / "catalogue"
        drawn = {}
        for key in keys:
            random = np.random.default_rng(int(key.shard[-1]))
            values = random.normal(level, 3, (6, 3, 16, 16)).astype(np.float32)
            values[:, 2] = 7
            drawn[key] = values
            attributes = {**ATTRIBUTES, **(changed or {}).get(key, {})}
            ids = [f"{key.shard}-{row}" for row in range(6)]
            part = key.part(cubes, ".zarr.zip")
            write_cubes(part, iter([values]), ids, range(6), (3, 16, 16), attributes)
            rows = [
                {"sample_id": name, "corpus": key.corpus, "shard": key.shard, "row": row,
                 "place": name, "split": split, "verdict": verdict, "reason": ""}
                for row, (name, split, verdict) in enumerate(
                    zip(ids, splits, verdicts, strict=True)
                )
            ]  # fmt: skip
            table = pa.Table.from_pylist(rows, schema=SCHEMA)
            write_catalogue(table, key.part(catalogue, ".parquet"))
        output = tmp_path / "statistics" / "set.json"
        merge_statistics(SETTINGS, keys, "set", cubes, catalogue, output)
        return drawn, output

    return work


@pytest.mark.parametrize("level", [-20.0, 0.0, 3e4])
def test_statistics_are_those_of_all_training_pixels(results, level):
    drawn, output = results(level=level)
    training = np.concatenate([drawn[key][[0, 2, 4]] for key in KEYS]).astype(np.float64)
    found = read_statistics(output)
    np.testing.assert_allclose(found.mean, training.mean(axis=(0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(found.std, training.std(axis=(0, 2, 3)), rtol=1e-9, atol=1e-12)
    assert found.count == (9 * 256,) * 3
    assert found.features == NAMES
    assert found.units == ATTRIBUTES["units"]
    assert found.calibration == "sigma0"


def test_a_constant_feature_has_exactly_no_spread(results):
    assert read_statistics(results()[1]).std[2] == 0.0


def test_the_order_of_the_keys_does_not_matter(results):
    one = results()[1].read_bytes()
    assert results(keys=KEYS[::-1])[1].read_bytes() == one


def test_the_fingerprint_follows_the_data(results):
    one = read_statistics(results()[1]).fingerprint
    assert len(one) == 64
    assert read_statistics(results()[1]).fingerprint == one
    assert read_statistics(results(keys=KEYS[:2])[1]).fingerprint != one
    assert read_statistics(results(level=-19.0)[1]).fingerprint != one


def test_refused_samples_do_not_count(results):
    verdicts = ("refused", *("accepted",) * 5)
    assert read_statistics(results(verdicts=verdicts)[1]).count == (6 * 256,) * 3


def test_shards_without_training_samples_add_nothing(results):
    found = results(splits=("test",) * 5 + ("train",))[1]
    assert read_statistics(found).count == (3 * 256,) * 3


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"calibration": "gamma0"}, r"differ in calibration \(sigma0 and gamma0\)"),
        ({"units": {**ATTRIBUTES["units"], "vh_mean": "linear"}}, r"units \(vh_mean: dB and lin"),
        ({"features": ["vv_mean", "vv_std", "vh_mean"]}, "differ in features"),
        ({"recipe": {"size": 64, "order": "season"}}, r"recipe \(order: date and season\)"),
        ({"nodata": "zero"}, r"nodata \(median and zero\)"),
    ],
)
def test_shards_that_differ_are_never_mixed(results, changed, sentence):
    with pytest.raises(UserError, match=sentence) as told:
        results(changed={KEYS[1]: changed})
    assert "demo/train-000001 and demo/train-000002" in str(told.value)
    assert "pretrain.shards" in str(told.value)


def test_no_training_sample_at_all_is_explained(results, tmp_path):
    with pytest.raises(UserError, match=r"None of the samples of 3 shards is for training.*splits"):
        results(splits=("test", "buffer", "validation") * 2)
    assert not (tmp_path / "statistics").exists()


def test_no_shard_at_all_is_explained(results):
    with pytest.raises(UserError, match=r"0 shards.*pretrain\.shards"):
        results(keys=())


def test_a_missing_part_is_told_by_name(results, tmp_path):
    results()
    KEYS[1].part(tmp_path / "catalogue", ".parquet").unlink()
    with pytest.raises(UserError, match=r"train-000002\.parquet: is missing"):
        merge_statistics(
            SETTINGS, KEYS, "set", tmp_path / "cubes" / "set", tmp_path / "catalogue",
            tmp_path / "out.json",
        )  # fmt: skip


def test_the_file_reads_well(results):
    text = results()[1].read_text()
    assert list(json.loads(text)) == sorted(json.loads(text))
    assert text.count("\n") > 10


PIXELS = st.lists(st.floats(-1e3, 1e3), max_size=12)


def moments(values):
    values = np.array(values, dtype=np.float64)
    mean = values.mean() if len(values) else 0.0
    square = ((values - mean) ** 2).sum()
    return Merged(*(np.array([value]) for value in (float(len(values)), mean, square)))


@given(one=PIXELS, other=PIXELS)
@settings(max_examples=60, deadline=None)
def test_merged_moments_are_those_of_the_union(one, other):
    merged, direct = merge(moments(one), moments(other)), moments(one + other)
    assert merged.count == direct.count
    np.testing.assert_allclose(merged.mean, direct.mean, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(merged.squares, direct.squares, rtol=1e-9, atol=1e-6)
