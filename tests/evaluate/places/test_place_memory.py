"""Curves of many classifiers hold what is scored, and not what was said of every sample."""

import tracemalloc

import numpy as np
import pyarrow as pa
import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.places.precision import classifier_of, curves_of
from speckle2vec.products.place_scores import new_scores, read_labelled_scores, read_scores
from speckle2vec.settings.load import parse_settings

ABOUT = {"classes": ["mine", "other"], "positive": "mine"}
SAMPLES = 40_000


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    """Every hundredth sample has a label, in any order of ids, in two pieces."""
    path = tmp_path_factory.mktemp("scores") / "scores.parquet"
    random = np.random.default_rng(0)
    ids = [f"s{number:06d}" for number in random.permutation(SAMPLES)]
    labels = [("mine", "other")[row // 100 % 2] if row % 100 == 0 else None
              for row in range(SAMPLES)]  # fmt: skip
    splits = random.choice(["train", "validation", "test"], SAMPLES).tolist()
    blocks = [f"{row % 50}_0" for row in range(SAMPLES)]
    table = pa.table({"id": ids, "label": labels, "split": splits, "block": blocks})
    likely = random.random(SAMPLES)
    with new_scores(path, ABOUT) as writer:
        for start in (0, SAMPLES // 3):
            rows = slice(start, SAMPLES if start else SAMPLES // 3)
            values = np.stack([likely, 1 - likely], axis=1)[rows]
            writer.add(table.slice(start, len(values)), values)
    return path


def test_labelled_samples_of_some_splits_are_those_of_a_plain_choice(scores):
    every = read_scores(scores)
    for splits in (("test",), ("test", "validation")):
        rows = np.flatnonzero((every.labels != "") & np.isin(every.splits, splits))
        rows = rows[np.argsort(every.ids[rows])]
        found = read_labelled_scores(scores, splits)
        assert 100 < len(found.ids) < 300
        assert found.about == every.about
        for name in ("ids", "labels", "splits", "blocks", "probabilities"):
            np.testing.assert_array_equal(getattr(found, name), getattr(every, name)[rows])
    assert len(read_labelled_scores(scores, ()).ids) == 0


def test_memory_is_that_of_one_file_however_many_classifiers_there_are(scores):
    settings = parse_settings(
        {"corpora": {"made": {"source": "simulated"}}, "probes": {"draws": 100}}, "test"
    )

    def peak(count):
        names = [f"fusion/simclr/resnet18@{seed}" for seed in range(count)]
        tracemalloc.start()
        found = curves_of({classifier_of(name, 42): scores for name in names}, settings)
        assert len(found) == count
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1)
    few, many = peak(2), peak(12)
    assert few < 2_000_000, "all samples would take more"
    assert many < few + 10 * 40_000, "each takes its curve"


def test_a_damaged_file_is_a_sentence(scores, tmp_path):
    short = tmp_path / "scores.parquet"
    content = bytearray(scores.read_bytes())
    content[5000] ^= 4
    short.write_bytes(content)
    with pytest.raises(UserError, match="is missing or damaged"):
        read_labelled_scores(short, ("test",))
    with pytest.raises(UserError, match="is missing or damaged"):
        read_labelled_scores(tmp_path / "none.parquet", ("test",))
