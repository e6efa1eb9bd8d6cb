import numpy as np
import pytest
import torch

from speckle2vec.errors import UserError
from speckle2vec.products.cubes import open_cubes
from speckle2vec.training.loading import load_samples

SPLITS = ["train", "", "validation", "train", "test", "buffer"] * 5


def load(corpus, *keys, memory_gb=1.0):
    return load_samples(keys, corpus.cubes, corpus.catalogue, corpus.statistics, memory_gb)


def every(source):
    """All patches of a source."""
    return source.take(torch.arange(len(source)))


def test_samples_are_those_of_the_splits_normalised_in_the_order_of_the_shards(cube_corpus):
    keys = [cube_corpus.write_shard(shard, SPLITS) for shard in ("2", "1")]
    samples = load(cube_corpus, *keys)
    expected = {"train": [], "validation": []}
    for key in sorted(keys):
        with open_cubes(key.part(cube_corpus.cubes, ".zarr.zip")) as shard:
            for row, cube in zip(shard.rows, shard.read(0, len(shard.rows)), strict=True):
                if SPLITS[row] in expected:
                    expected[SPLITS[row]].append(
                        (cube - [[[-12]], [[-12.5]], [[-11]]]) / [[[5]], [[5.5]], [[np.inf]]]
                    )
    for split, source in (("train", samples.train), ("validation", samples.held_out)):
        np.testing.assert_allclose(every(source).numpy(), np.stack(expected[split]), atol=1e-5)
    assert every(samples.train).dtype == torch.float32
    assert not samples.held_out_is_training
    assert samples.attributes["calibration"] == "sigma0"


def test_a_constant_feature_and_what_is_not_finite_become_zero(cube_corpus, monkeypatch):
    key = cube_corpus.write_shard("1", ["train"] * 9)
    real = np.random.default_rng(0).normal(size=(9, 3, 32, 32)).astype(np.float32)
    real[0, 0, 0, :3] = np.nan, np.inf, -np.inf
    monkeypatch.setattr("speckle2vec.products.cubes.CubeShard.read", lambda self, a, b: real[a:b])
    train = every(load(cube_corpus, key).train)
    assert train[0, 0, 0, :3].tolist() == [0, 0, 0]
    assert not train[:, 2].any()
    assert train.isfinite().all()


def test_too_few_samples_stop_with_the_count_and_the_mend(cube_corpus):
    key = cube_corpus.write_shard("1", ["train"] * 7 + ["test"] * 20)
    with pytest.raises(
        UserError, match="finds 7 samples in the training blocks of 1 shards"
    ) as stop:
        load(cube_corpus, key)
    assert "`pretrain.shards`" in str(stop.value)
    assert "`splits.train`" in str(stop.value)


def test_no_shards_stop_as_well(cube_corpus):
    with pytest.raises(UserError, match="finds 0 samples in the training blocks of 0 shards"):
        load(cube_corpus)


def test_a_shard_without_training_samples_is_no_harm(cube_corpus):
    keys = [cube_corpus.write_shard("1", ["train"] * 8), cube_corpus.write_shard("2", ["test"] * 3)]
    assert len(load(cube_corpus, *keys).train) == 8


@pytest.mark.parametrize(("split", "side"), [("test", 64), ("train", 40)])
def test_only_shards_that_give_samples_say_how_large_patches_are(cube_corpus, split, side):
    large = cube_corpus.write_shard("1", ["train"] * 8, side=64)
    small = cube_corpus.write_shard("2", [split] * 3, side=40)
    assert load(cube_corpus, large, small).train.shape == (3, side, side)


def test_too_few_held_out_samples_fall_back_on_training_samples(cube_corpus):
    samples = load(cube_corpus, cube_corpus.write_shard("1", ["train"] * 9 + ["validation"] * 7))
    assert samples.held_out_is_training
    assert torch.equal(every(samples.held_out), every(samples.train))


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ({"calibration": "gamma0"}, 'calibration is "gamma0", not "sigma0"'),
        ({"units": {"vv_mean": "linear", "vh_mean": "dB", "sobel_std": "grey level"}},
         'units of vv_mean is "linear", not "dB"'),
        ({"features": ["vh_mean", "vv_mean", "sobel_std"]}, 'features is ["vh_mean", "vv_mean"'),
        ({"recipe": {"feature_set": "sar-temporal", "size": 64}}, "recipe of size is 64, not 32"),
    ],
)  # fmt: skip
def test_shards_that_mean_something_else_are_not_mixed(cube_corpus, attributes, told):
    first = cube_corpus.write_shard("1", ["train"] * 9)
    second = cube_corpus.write_shard("2", ["train"] * 9, **attributes)
    with pytest.raises(UserError) as stopped:
        load(cube_corpus, first, second)
    assert told in str(stopped.value)
    assert "000002" not in told
    assert "2.zarr.zip" in str(stopped.value)


def test_statistics_of_other_features_are_refused(cube_corpus):
    key = cube_corpus.write_shard("1", ["train"] * 9)
    with pytest.raises(UserError, match='calibration is "sigma0", not "gamma0"'):
        load(cube_corpus.changed(calibration="gamma0"), key)


def test_the_fingerprint_follows_pixels_and_splits(cube_corpus):
    key = cube_corpus.write_shard("1", ["train"] * 9 + ["test"])
    first = load(cube_corpus, key).fingerprint
    assert load(cube_corpus, key).fingerprint == first
    cube_corpus.write_shard("1", ["test"] + ["train"] * 9)
    assert load(cube_corpus, key).fingerprint != first
    other = cube_corpus.write_shard("2", ["train"] * 9 + ["test"])
    assert load(cube_corpus, other).fingerprint != first
