import csv
import hashlib
import logging
from dataclasses import replace

import numpy as np
import pytest
import torch

from speckle2vec.choices import METHODS, method_module
from speckle2vec.errors import UserError
from speckle2vec.networks.registry import build_encoder
from speckle2vec.pretrain import run as stage
from speckle2vec.pretrain.building import build_method
from speckle2vec.pretrain.run import pretrain
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.encoders import read_encoder
from speckle2vec.products.statistics import normalise
from speckle2vec.provenance import generator
from speckle2vec.settings.load import parse_settings
from speckle2vec.settings.training import Pretrain

PRODUCTS = ("encoder.safetensors", "card.md", "history.csv")
SPLITS = ["train", "train", "", "validation"] * 5


def settings(**changes):
    pretraining = {"epochs": 2, "batch_size": 8, "threads": 1, "device": "cpu", **changes}
    corpora = {"test": {"source": "simulated", "size": "tiny"}}
    return parse_settings({"corpora": corpora, "seed": 3, "pretrain": pretraining}, "test")


def run(corpus, keys, folder="model", chosen=None, code="code", method="simclr"):
    target = corpus.folder / folder
    pretrain(
        chosen or settings(), "sar-temporal", method, "cnn-transformer", keys, corpus.cubes,
        corpus.catalogue, corpus.statistics_path, target / "checkpoint.safetensors",
        *(target / name for name in PRODUCTS), code,
    )  # fmt: skip
    return target


def digests(folder):
    return [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in PRODUCTS]


@pytest.fixture
def keys(cube_corpus):
    return [cube_corpus.write_shard(shard, SPLITS) for shard in ("1", "2")]


def test_products_are_equal_bytes_in_every_run_and_nothing_else_is_left(cube_corpus, keys):
    first = run(cube_corpus, keys)
    second = run(cube_corpus, keys[::-1], "again")
    assert digests(first) == digests(second)
    assert sorted(path.name for path in first.iterdir()) == sorted(PRODUCTS)


@pytest.mark.parametrize("method", ["simclr", "csf", "vae", "mae"])
def test_a_killed_run_gives_the_same_products(cube_corpus, keys, monkeypatch, method):
    chosen = settings(checkpoint_minutes=0)
    whole = run(cube_corpus, keys, "whole", chosen, method=method)
    steps = 2 * (20 // 8)
    left = [int(generator(0, "killed", method).integers(1, steps))]
    real = stage.train.__globals__["take_step"]

    def dying(*arguments):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr("speckle2vec.training.loop.take_step", dying)
        with pytest.raises(KeyboardInterrupt):
            run(cube_corpus, keys, "killed", chosen, method=method)
    assert [path.name for path in (cube_corpus.folder / "killed").iterdir()] == [
        "checkpoint.safetensors"
    ]
    again = run(cube_corpus, keys, "killed", chosen, method=method)
    assert digests(again) == digests(whole)


@pytest.mark.parametrize("changed", ["code", "seed", "rate", "data"])
def test_what_a_checkpoint_is_of_decides_whether_it_counts(
    cube_corpus, keys, monkeypatch, caplog, changed
):
    def full(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(stage, "write_encoder", full)
        with pytest.raises(KeyboardInterrupt):
            run(cube_corpus, keys)
    chosen = {
        "rate": settings(learning_rate=2e-4),
        "seed": settings().model_copy(update={"seed": 4}),
    }.get(changed, settings())
    if changed == "data":
        cube_corpus.write_shard("2", SPLITS[1:])
    with caplog.at_level(logging.WARNING, "speckle2vec"):
        run(cube_corpus, keys, chosen=chosen, code="other" if changed == "code" else "code")
    assert "is of other settings, data or code" in caplog.text


def test_the_encoder_file_embeds_as_the_trained_network_did(cube_corpus, keys):
    trained = read_encoder(run(cube_corpus, keys) / PRODUCTS[0])
    assert (trained.architecture, trained.method) == ("cnn-transformer", "simclr")
    assert (trained.channels, trained.samples, trained.seed) == (3, 20, 3)
    assert trained.statistics == cube_corpus.statistics
    assert trained.training["learning_rate"] == 1e-4
    assert trained.training["method"]["temperature"] == 0.5
    assert {"torch", "speckle2vec"} <= trained.versions.keys()
    network = build_encoder(trained.architecture, trained.channels, trained.settings, 0).eval()
    network.load_state_dict({name: torch.from_numpy(w) for name, w in trained.weights.items()})
    with open_cubes(keys[0].part(cube_corpus.cubes, ".zarr.zip")) as shard:
        cubes = normalise(shard.read(0, 5), trained.statistics)
    with torch.no_grad():
        embeddings = network(torch.from_numpy(cubes))
    assert embeddings.shape == (5, 1024)
    assert embeddings.isfinite().all()
    assert "embed.weight" in trained.weights
    assert not any(name.startswith(("encoder.", "head.")) for name in trained.weights)


def test_the_card_tells_the_rank_of_the_network_it_is_of(cube_corpus, keys):
    chosen = settings(epochs=1, cnn_transformer={"pooling": "mean-std"})
    folder = run(cube_corpus, keys, chosen=chosen)
    layer = read_encoder(folder / "encoder.safetensors").weights["embed.weight"]
    assert np.linalg.matrix_rank(layer) == 256
    card = (folder / "card.md").read_text()
    assert "its rank is at most 256" in card
    assert "A rotation to 256 loses nothing" in card


def test_history_and_card_tell_the_figures(cube_corpus, keys):
    folder = run(cube_corpus, keys)
    with (folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    assert rows[0]["loss"] == ""
    assert list(rows[1]) == ["epoch", "loss", "held_out_loss", "std", "cosine", "rank", "kept"]
    card = (folder / "card.md").read_text()
    for text in (
        "cnn-transformer, trained by simclr", "20 samples", "sigma0",
        "| vh_mean | dB | -12.5 | 5.5 |", "held-out samples", "rank is at most 128",
        "temperature", "torch 2", "seed 3", f"{float(rows[2]['loss']):.4g}",
    ):  # fmt: skip
        assert text.lower() in card.lower(), text


def test_health_on_training_samples_is_said(cube_corpus, caplog):
    key = cube_corpus.write_shard("1", ["train"] * 9)
    with caplog.at_level(logging.WARNING, "speckle2vec"):
        folder = run(cube_corpus, [key], chosen=settings(epochs=1))
    assert "health of the embeddings is measured on training samples" in caplog.text
    assert "training samples (too few are held out)" in (folder / "card.md").read_text()


def test_fewer_samples_than_a_batch_train_all_at_once(cube_corpus):
    key = cube_corpus.write_shard("1", ["train"] * 9)
    folder = run(cube_corpus, [key], chosen=settings(epochs=1, batch_size=64))
    assert read_encoder(folder / PRODUCTS[0]).samples == 9


def test_an_unknown_method_lists_the_valid_ones(cube_corpus, keys):
    with pytest.raises(UserError, match=r"no pretraining method `simcrl`; did you mean `simclr`\?"):
        run(cube_corpus, keys, method="simcrl")
    assert method_module("simclr") == METHODS["simclr"]


def test_a_method_starts_from_its_seed_alone():
    chosen = Pretrain(simclr={"projection": 8})
    heads = []
    for state in (1, 2):
        torch.manual_seed(state)
        encoder = build_encoder("cnn-transformer", 3, {}, 0)
        method = build_method("simclr", encoder, chosen, 5, ("vv", "vh", "edges"), 32)
        heads.append(method.head[0].weight)
    assert torch.equal(*heads)


def test_statistics_that_are_missing_are_one_sentence(cube_corpus, keys):
    cube_corpus.statistics_path.unlink()
    with pytest.raises(UserError, match=r"statistics\.json: is missing"):
        run(cube_corpus, keys)


def test_the_statistics_decide_what_the_encoder_sees(cube_corpus, keys):
    from speckle2vec.products.statistics import write_statistics

    first = read_encoder(run(cube_corpus, keys, chosen=settings(epochs=1)) / PRODUCTS[0])
    write_statistics(
        replace(cube_corpus.statistics, mean=(-10.0, -12.5, -11.0)), cube_corpus.statistics_path
    )
    second = read_encoder(run(cube_corpus, keys, chosen=settings(epochs=1)) / PRODUCTS[0])
    assert first.data != second.data
    assert not np.array_equal(first.weights["embed.weight"], second.weights["embed.weight"])


def test_a_methods_own_rate_goes_before_the_common_one(cube_corpus, keys):
    own = settings(learning_rate=0.5, simclr={"learning_rate": 1e-3})
    found = read_encoder(run(cube_corpus, keys, "own", own) / "encoder.safetensors")
    common = settings(learning_rate=1e-3)
    expected = read_encoder(run(cube_corpus, keys, "common", common) / "encoder.safetensors")
    assert found.training["learning_rate"] == expected.training["learning_rate"] == 1e-3
    for name, values in expected.weights.items():
        np.testing.assert_array_equal(found.weights[name], values)
