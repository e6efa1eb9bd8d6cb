"""Encoders that are not trained go the road of those that are: fit, file, embedding."""

import hashlib

import numpy as np
import pytest
import torch

from speckle2vec.embed.extract import embed_shard, load_network
from speckle2vec.errors import UserError
from speckle2vec.pretrain.run import pretrain
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.embeddings import embedding_values, read_embeddings
from speckle2vec.products.encoders import read_encoder
from speckle2vec.products.statistics import normalise
from speckle2vec.settings.load import parse_settings

COMPUTED = ("pixel-statistics", "random-convolutions", "pca")
SPLITS = ["train", "train", "", "validation"] * 6
SETTINGS = parse_settings(
    {
        "corpora": {"test": {"source": "simulated", "size": "tiny"}},
        "pretrain": {"batch_size": 8, "threads": 1, "device": "cpu"},
    },
    "test",
)


@pytest.fixture
def keys(cube_corpus):
    return [cube_corpus.write_shard(shard, SPLITS) for shard in ("1", "2")]


def run(corpus, keys, encoder, folder="model", method="none"):
    target = corpus.folder / folder
    names = ("checkpoint.safetensors", "encoder.safetensors", "card.md", "history.csv")
    pretrain(
        SETTINGS, "sar-temporal", method, encoder, keys, corpus.cubes, corpus.catalogue,
        corpus.statistics_path, *(target / name for name in names), "code",
    )  # fmt: skip
    return target / "encoder.safetensors"


@pytest.mark.parametrize("name", [*COMPUTED, "resnet18-attention"])
def test_the_file_holds_all_it_takes(cube_corpus, keys, name):
    path = run(cube_corpus, keys, name)
    again = run(cube_corpus, keys, name, "again")
    assert digest(path) == digest(again)
    part = cube_corpus.folder / "part.parquet"
    embed_shard(SETTINGS, path, keys[0].part(cube_corpus.cubes, ".zarr.zip"), part)
    values = embedding_values(read_embeddings(part)["embedding"])
    assert values.shape == (18, 1024)
    assert len(np.unique(values.round(4), axis=0)) == 18
    trained = read_encoder(path)
    with open_cubes(keys[0].part(cube_corpus.cubes, ".zarr.zip")) as shard, torch.no_grad():
        cubes = torch.from_numpy(normalise(shard.read(0, 18), trained.statistics))
        expected = load_network(trained, path)(cubes)
    np.testing.assert_allclose(values, expected.numpy(), atol=1e-5)


def test_components_are_those_of_the_training_samples(cube_corpus, keys):
    trained = read_encoder(run(cube_corpus, keys, "pca"))
    cubes = []
    for key in keys:
        with open_cubes(key.part(cube_corpus.cubes, ".zarr.zip")) as shard:
            cubes.append(normalise(shard.read(0, 18), trained.statistics))
    training = np.concatenate(cubes)[[row for row in range(36) if row % 3 != 2]]
    squares = training.astype(np.float64).reshape(24, 3, 4, 8, 4, 8)
    small = squares.mean(axis=(3, 5)).reshape(24, -1)
    np.testing.assert_allclose(trained.weights["mean"], small.mean(axis=0), atol=1e-6)
    centred = small - small.mean(axis=0)
    axes = trained.weights["axes"]
    left = centred - centred @ axes.T @ axes
    assert 0 < np.square(left).sum() <= 0.05 * np.square(centred).sum()


@pytest.mark.parametrize("name", COMPUTED)
def test_what_has_nothing_to_train_is_not_trained(cube_corpus, keys, name):
    with pytest.raises(UserError, match=f"`{name}` has nothing to train.*set the method to `none`"):
        run(cube_corpus, keys, name, method="simclr")


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
