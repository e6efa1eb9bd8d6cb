"""What makes a training what it is, and what is another run's."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from neighbour_tables import PLACES, samples_of, source_of

from speckle2vec.errors import UserError
from speckle2vec.pretrain.identity import about_training, check_this_run, training_digest
from speckle2vec.products.statistics import Statistics
from speckle2vec.settings.load import parse_settings

STATISTICS = Statistics(
    ("vv",), {"vv": "dB"}, "sigma0", (9.0,), (-12.0,), (0.1 + 0.2,), "of these cubes"
)
SAMPLES = replace(
    samples_of(source_of(PLACES)),
    attributes={"recipe": {"size": 32}}, fingerprint="f", cubes="of these cubes",
)  # fmt: skip


def settings(seed=3, **pretrain):
    corpora = {"test": {"source": "simulated"}}
    return parse_settings({"corpora": corpora, "seed": seed, "pretrain": pretrain}, "test")


def about(chosen=None, encoder=None, statistics=STATISTICS, samples=SAMPLES, code="c"):
    return about_training(
        chosen or settings(), "simclr", "cnn-transformer", encoder or {"dropout": 0.1, "deep": 2},
        statistics, samples, code,
    )  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"chosen": settings(4)},
        {"chosen": settings(epochs=3)},
        {"chosen": settings(simclr={"temperature": 0.4})},
        {"encoder": {"dropout": 0.2, "deep": 2}},
        {"code": "d"},
        {"statistics": replace(STATISTICS, std=(0.3,))},
        {"statistics": replace(STATISTICS, calibration="gamma0")},
        {"samples": replace(SAMPLES, fingerprint="g")},
        {"samples": replace(SAMPLES, attributes={"recipe": {"size": 64}})},
        {"samples": replace(SAMPLES, train=source_of("ab"))},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_whatever_counts_makes_another_training(changed):
    assert training_digest(about(**changed)) != training_digest(about())


@pytest.mark.parametrize(
    "changed",
    [
        {"chosen": settings(vae={"warm_up_epochs": 1})},
        {"chosen": settings(memory_gb=0.5, checkpoint_minutes=1)},
        {"encoder": {"deep": 2, "dropout": 0.1}},
        {"samples": replace(SAMPLES, held_out_is_training=False, neighbours=Path("moved"))},
    ],
    ids=["another method", "what does not matter", "the order of settings", "where files are"],
)
def test_what_does_not_count_is_the_same_training(changed):
    assert training_digest(about(**changed)) == training_digest(about())


def test_what_is_known_of_a_training_survives_a_file():
    known = about()
    assert json.loads(json.dumps(known)) == known
    assert (known["samples"], known["channels"]) == (len(PLACES), 1)
    unknown = about(samples=replace(SAMPLES, attributes={"recipe": None}))
    assert unknown["recipe"] == {}


def test_statistics_of_other_cubes_are_another_runs():
    path, other = Path("numbers.json"), replace(STATISTICS, fingerprint="of others")
    with pytest.raises(UserError, match=r"^numbers.json: is not of the cubes that stand here.*"):
        check_this_run({}, path, other, SAMPLES)
    check_this_run({"radius": 7.0}, path, STATISTICS, SAMPLES)


def test_a_table_of_another_radius_is_another_runs(table):
    samples, path = replace(SAMPLES, neighbours=table), Path("numbers.json")
    check_this_run({"radius": 1.0, "nearest": 2}, path, STATISTICS, samples)
    with pytest.raises(UserError, match=r"table.parquet: is another's file \(radius 1.0, not 7.0"):
        check_this_run({"radius": 7.0}, path, STATISTICS, samples)
