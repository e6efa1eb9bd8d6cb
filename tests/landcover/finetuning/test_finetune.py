"""The stage: what it trains, that it repeats itself, and what it says where it cannot."""

import csv

import numpy as np
import pytest
from tests.landcover.finetuning.learnable import (
    CLASSES,
    FEATURES,
    STATISTICS,
    halves,
    rename_cubes,
    settings_with,
)

from speckle2vec.errors import UserError
from speckle2vec.products.encoders import read_encoder
from speckle2vec.products.segmenters import read_segmenter
from speckle2vec.training import loop


class Killed(BaseException):
    """What ends a training in the middle of a step."""


def kill_after(monkeypatch, steps):
    """Let the next training die in the middle of the step after so many."""
    real, left = loop.take_step, [steps]

    def take_step(*arguments):
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return real(*arguments)

    monkeypatch.setattr(loop, "take_step", take_step)


@pytest.mark.parametrize(
    ("mode", "encoder"), [("whole", "small"), ("frozen", "small"), ("whole", "cnn-transformer")]
)
def test_two_runs_are_equal_and_so_is_one_that_was_killed(
    ready, tmp_path, monkeypatch, mode, encoder
):
    ready.write_encoder(encoder)
    first, again = (ready.finetune(tmp_path / name, f"{mode}-100") for name in ("a", "b"))
    assert first.read_bytes() == again.read_bytes()
    assert first.with_name("history.csv").read_text() == again.with_name("history.csv").read_text()
    with monkeypatch.context() as patch:
        kill_after(patch, 3)  # two steps an epoch: in the middle of the second
        with pytest.raises(Killed):
            ready.finetune(tmp_path / "c", f"{mode}-100")
    assert (tmp_path / "c" / "checkpoint").exists()
    resumed = ready.finetune(tmp_path / "c", f"{mode}-100")
    assert resumed.read_bytes() == first.read_bytes()
    assert not (tmp_path / "c" / "checkpoint").exists()


def test_a_frozen_encoder_stays_to_the_last_bit_and_a_whole_one_does_not(ready, tmp_path):
    before = read_encoder(ready.encoder).weights
    frozen = read_segmenter(ready.finetune(tmp_path / "a", "frozen-100"))
    whole = read_segmenter(ready.finetune(tmp_path / "b", "whole-100"))
    assert frozen.encoder.weights.keys() == whole.encoder.weights.keys() == before.keys()
    for name, value in before.items():
        assert frozen.encoder.weights[name].tobytes() == value.tobytes(), name
    moved = [
        name for name in before if not np.array_equal(whole.encoder.weights[name], before[name])
    ]
    assert {name for name in before if not name.startswith("embed")} == set(moved)
    assert any("running_mean" in name for name in moved)


def test_what_is_kept_says_all_it_takes(ready, tmp_path):
    settings = settings_with(seed=5, epochs=3, patience=1, learning_rate=1e-3)
    kept = read_segmenter(ready.finetune(tmp_path, "whole-50", 7, settings, code="abc"))
    assert kept.classes == CLASSES
    assert (kept.run, kept.seed, kept.drawn, kept.code) == ("whole-50", 7, 5, "abc")
    assert kept.encoder.statistics == STATISTICS
    assert kept.encoder.architecture == "small"
    assert kept.samples == {"train": 8, "validation": 8}
    assert kept.training["learning_rate"] == 1e-3
    assert "memory_gb" not in kept.training
    assert {"speckle2vec", "torch"} <= set(kept.versions)
    rows = list(csv.DictReader((tmp_path / "history.csv").open()))
    assert set(rows[0]) == {"epoch", "loss", "held_out_loss", "kept"}
    assert kept.epochs["trained"] == int(float(rows[-1]["epoch"]))
    assert rows[kept.epochs["kept"]]["kept"] == "1"
    best = min(rows[1:], key=lambda row: float(row["held_out_loss"]))
    assert rows[kept.epochs["kept"]] == best


def test_it_learns_what_can_be_learned(ready, tmp_path):
    settings = settings_with(epochs=12, patience=0, learning_rate=2e-3)
    ready.finetune(tmp_path, "whole-100", settings=settings)
    losses = [
        float(row["held_out_loss"]) for row in csv.DictReader((tmp_path / "history.csv").open())
    ]
    assert losses[-1] < 0.3 < 0.6 < losses[0]


@pytest.mark.parametrize(
    "changes",
    [{"turn": False}, {"class_weights": "balanced"}, {"schedule": "cosine"}],
)
def test_settings_change_what_is_trained_and_another_checkpoint_is_not_gone_on_from(
    ready, tmp_path, monkeypatch, changes
):
    plain = ready.finetune(tmp_path / "a")
    with monkeypatch.context() as patch:
        kill_after(patch, 3)
        with pytest.raises(Killed):
            ready.finetune(tmp_path / "b")
    changed = ready.finetune(tmp_path / "b", settings=settings_with(**changes))
    fresh = ready.finetune(tmp_path / "c", settings=settings_with(**changes))
    assert changed.read_bytes() == fresh.read_bytes()
    assert read_segmenter(plain).decoder["classify.bias"].tobytes() != (
        read_segmenter(changed).decoder["classify.bias"].tobytes()
    )


def test_the_seed_of_a_run_changes_the_decoder_and_not_the_samples(ready, tmp_path):
    first, other = (read_segmenter(ready.finetune(tmp_path / str(s), seed=s)) for s in (1, 2))
    assert first.data == other.data
    assert not np.array_equal(first.decoder["classify.weight"], other.decoder["classify.weight"])


def test_what_does_not_fit_in_memory_is_streamed_and_the_outcome_is_the_same(ready, tmp_path):
    held = ready.finetune(tmp_path / "a")
    streamed = ready.finetune(tmp_path / "b", settings=settings_with(memory_gb=1e-7))
    assert held.read_bytes() == streamed.read_bytes()


def test_cubes_of_another_kind_than_the_encoders_are_refused(ready, tmp_path):
    units = {"vv_mean": "linear", "vh_mean": "dB"}
    ready.write_encoder(statistics=STATISTICS.__class__(
        FEATURES, units, "sigma0", (1.0,) * 2, (0.5, 0.0), (0.5, 1.0), "f"
    ))  # fmt: skip
    with pytest.raises(UserError, match='units of vv_mean is "dB", not "linear"'):
        ready.finetune(tmp_path)


def test_encoders_without_places_are_refused(ready, tmp_path):
    ready.write_encoder("pixel-statistics")
    with pytest.raises(UserError, match="PixelStatistics has no map that pixels could be told"):
        ready.finetune(tmp_path, "frozen-100")


def test_random_convolutions_take_a_decoder(ready, tmp_path):
    ready.write_encoder("random-convolutions")
    kept = read_segmenter(ready.finetune(tmp_path, "frozen-100"))
    before = read_encoder(ready.encoder).weights["filters"]
    assert kept.encoder.weights["filters"].tobytes() == before.tobytes()


def test_too_few_samples_with_cubes_are_told(corpus, tmp_path):
    corpus.write_shard("1", ["train"] * 9 + ["validation"] * 8 + ["test"] * 2)
    corpus.write_encoder()
    few = corpus.folder / "cubes"
    corpus.write_shard("2", ["train"] * 1)
    corpus.keys.pop()
    first = corpus.keys[0].part(few, ".zarr.zip")
    corpus.keys[0].__class__("test", "2").part(few, ".zarr.zip").replace(first)
    rename_cubes(first, corpus.keys[0])
    with pytest.raises(UserError, match="Of the chosen training samples 0 have cubes in 1 shards"):
        corpus.finetune(tmp_path)


def test_few_samples_of_validation_are_told(corpus, tmp_path, caplog):
    corpus.write_shard("1", ["train"] * 9 + ["validation"] * 2 + ["test"] * 2)
    corpus.write_encoder()
    kept = read_segmenter(corpus.finetune(tmp_path))
    assert kept.samples == {"train": 9, "validation": 0}
    assert "Too few samples of the validation" in caplog.text


def test_labels_of_several_shapes_are_learned_together(corpus, tmp_path):
    shapes = [(66, 66), (40, 60), (60, 40)]
    corpus.write_shard(
        "1", ["train"] * 9 + ["validation"] * 8 + ["test"] * 2,
        labelled=lambda number: halves(number, *shapes[number % 3]),
    )  # fmt: skip
    corpus.write_encoder()
    assert read_segmenter(corpus.finetune(tmp_path)).samples["train"] == 9
