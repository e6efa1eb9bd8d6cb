"""Classifiers of labelled places, their precision, and what they find, against plain loops."""

import csv

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, precision_recall_curve
from sklearn.metrics.pairwise import cosine_distances
from sklearn.preprocessing import StandardScaler

from speckle2vec.errors import UserError
from speckle2vec.evaluate.places.classifier import score_places
from speckle2vec.evaluate.places.curves import place_curves
from speckle2vec.evaluate.places.ranking import rank_similar
from speckle2vec.products.place_labels import (
    SCHEMA,
    PlaceTarget,
    read_place_target,
    write_place_target,
)
from speckle2vec.products.place_scores import read_scores

PROBES = {"strengths": [0.1], "folds": 4, "draws": 100, "scored": ["test"]}
MODEL, PIXELS = "sar-temporal/simclr/resnet18", "sar-temporal/none/pixel-statistics"


class Places:
    """Labels of some samples of a corpus, and what classifiers make of them."""

    def __init__(self, corpus, kept=None, labels=None, positive="water"):
        self.corpus, self.folder = corpus, corpus.folder / "places"
        self.kept = np.arange(len(corpus.ids)) % 3 > 0 if kept is None else kept
        self.labels = corpus.labels if labels is None else labels
        rows = np.flatnonzero(self.kept)[np.argsort(corpus.ids[self.kept])]
        columns = [corpus.ids, self.labels, corpus.blocks, corpus.splits]
        table = pa.table([*(column[rows].tolist() for column in columns), [1] * len(rows)], SCHEMA)
        classes = tuple(sorted(set(self.labels[rows].tolist())))
        target = PlaceTarget("mines", classes, positive, {}, table)
        write_place_target(target, self.path)
        self.settings = corpus.settings(probes=PROBES, places={"mines": {"path": "none.csv"}})

    @property
    def path(self):
        return self.folder / "labels.parquet"

    def score(self, model=MODEL):
        output = self.folder / model / "scores.parquet"
        score_places(
            self.settings, self.corpus.keys, self.path, self.corpus.catalogue,
            self.corpus.folder / "embeddings" / model, output,
        )  # fmt: skip
        return output

    def similar(self, most=10):
        output = self.folder / "similar.csv"
        rank_similar(
            most, self.corpus.keys, self.path, self.folder / MODEL / "scores.parquet",
            self.corpus.catalogue, self.corpus.folder / "embeddings" / MODEL, output,
        )  # fmt: skip
        return rows_of(output)

    def curves(self, models=(MODEL, PIXELS)):
        paths = [self.folder / name for name in ("points.csv", "averages.csv", "figure.png")]
        place_curves(self.settings, "mines", models, self.folder, *paths)
        return rows_of(paths[0]), rows_of(paths[1]), paths[2].read_bytes()


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def places(corpus, signal, noise):
    corpus.embed(MODEL, signal)
    corpus.embed(PIXELS, noise)
    return Places(corpus)


def test_probabilities_are_those_of_a_logistic_regression(places, corpus, signal):
    scores = read_scores(places.score())
    shown = places.kept & (corpus.splits == "train")
    scaling = StandardScaler().fit(signal[shown])
    layer = LogisticRegression(C=0.1, class_weight="balanced", max_iter=5000)
    layer.fit(scaling.transform(signal[shown]), corpus.labels[shown])
    expected = layer.predict_proba(scaling.transform(signal))
    assert scores.ids.tolist() == corpus.ids.tolist(), "in the order of the shards"
    assert scores.classes == tuple(layer.classes_)
    np.testing.assert_allclose(scores.probabilities, expected, atol=1e-4)
    np.testing.assert_array_equal(scores.labels, np.where(places.kept, corpus.labels, ""))
    np.testing.assert_array_equal(scores.splits, corpus.splits)
    np.testing.assert_array_equal(scores.blocks, corpus.blocks)


def test_equal_scores_are_equal_bytes(places):
    once = places.score().read_bytes()
    assert places.score().read_bytes() == once


def test_refused_and_unembedded_samples_are_not_scored(corpus, signal):
    refused, bare = corpus.ids[[0, 3]].tolist()
    corpus.write_catalogue(**{refused: {"verdict": "refused"}})
    corpus.embed(MODEL, signal, leave_out=[bare])
    scores = read_scores(Places(corpus).score())
    assert len(scores.ids) == len(corpus.ids) - 2
    assert not {refused, bare} & set(scores.ids.tolist())


def test_a_class_that_no_training_sample_has_gets_probability_0(places, corpus):
    labels = np.where(corpus.splits == "test", "quarry", corpus.labels)
    scores = read_scores(Places(corpus, labels=labels).score())
    assert scores.about["unseen_classes"] == ["quarry"]
    assert not scores.probabilities[:, scores.classes.index("quarry")].any()
    np.testing.assert_allclose(scores.probabilities.sum(axis=1), 1)


def test_curves_of_every_class_and_the_difference_to_pixel_statistics(places, corpus):
    places.score(), places.score(PIXELS)
    points, averages, picture = places.curves()
    scores = read_scores(places.folder / MODEL / "scores.parquet")
    asked = (scores.labels != "") & (scores.splits == "test")
    assert [row["class"] for row in averages] == list(scores.classes) * 2
    for column, row in enumerate(averages[:3]):
        truth, likely = scores.labels[asked] == row["class"], scores.probabilities[asked, column]
        expected = average_precision_score(truth, likely)
        assert float(row["average_precision"]) == pytest.approx(expected, abs=1e-6)
        assert float(row["low"]) < expected < float(row["high"])
        assert float(row["chance"]) == pytest.approx(truth.mean(), abs=1e-6)
        assert (int(row["samples"]), int(row["positives"])) == (asked.sum(), truth.sum())
        other = float(averages[column + 3]["average_precision"])
        assert float(row["minus_pixels"]) == pytest.approx(expected - other, abs=2e-6)
        assert row["better_than_pixels"] == "yes"
        curve = [one for one in points if (one["encoder"], one["class"]) ==
                 ("resnet18", row["class"])]  # fmt: skip
        for name, values in zip(
            ("precision", "recall"), precision_recall_curve(truth, likely), strict=False
        ):
            np.testing.assert_allclose([float(one[name]) for one in curve], values, atol=1e-6)
    assert not averages[3]["minus_pixels"]
    assert picture[:4] == b"\x89PNG"
    assert places.curves()[2] == picture


def test_of_two_classes_the_one_that_is_looked_for_has_a_curve(corpus, signal):
    corpus.embed(MODEL, signal)
    two = Places(corpus, labels=np.where(corpus.labels == "water", "water", "land"))
    two.score()
    averages = two.curves([MODEL])[1]
    assert [row["class"] for row in averages] == ["water"]


def test_curves_that_are_not_defined_are_a_sentence(places, corpus):
    places.score(), places.score(PIXELS)
    for labels, kept, sentence in (
        (np.where(corpus.splits == "test", "town", corpus.labels), None,
         "No scored sample is of 'water'"),
        (np.where(corpus.splits == "test", "water", corpus.labels), None,
         "All scored samples are of 'water'"),
        (None, corpus.splits != "test", "No labelled sample of .* lies in the split test"),
    ):  # fmt: skip
        other = Places(corpus, kept, labels)
        other.score()
        with pytest.raises(UserError, match=sentence):
            other.curves([MODEL])
    Places(corpus, ~places.kept).score()
    with pytest.raises(UserError, match="are of other samples or labels and cannot be compared"):
        places.curves()


def test_the_most_similar_are_those_of_a_plain_sort(places, corpus, signal):
    scores = read_scores(places.score())
    found = places.similar(25)
    free = np.flatnonzero(~places.kept)
    likely = scores.positive
    order = sorted(free, key=lambda row: (-likely[row], corpus.ids[row]))[:25]
    assert [row["id"] for row in found] == corpus.ids[order].tolist()
    examples = np.flatnonzero(places.kept & (corpus.labels == "water"))
    embedded = signal.astype(np.float32)
    for row, number in zip(found, order, strict=True):
        distances = cosine_distances(embedded[[number]], embedded[examples])[0]
        assert row["nearest"] == corpus.ids[examples[distances.argmin()]]
        assert float(row["cosine_distance"]) == pytest.approx(distances.min(), abs=1e-6)
        assert float(row["probability"]) == pytest.approx(likely[number], abs=1e-6)


def test_where_every_sample_holds_a_place_the_list_is_a_header(corpus, signal, caplog):
    corpus.embed(MODEL, signal)
    places = Places(corpus, kept=np.ones(len(corpus.ids), bool))
    places.score()
    assert places.similar() == []
    text = (places.folder / "similar.csv").read_text()
    assert text == "id,longitude,latitude,dates,probability,nearest,cosine_distance\n"
    assert "every scored sample holds a labelled place" in caplog.text


def test_equals_are_listed_by_their_ids(corpus):
    corpus.embed(MODEL, np.repeat([[1.0, 0.0], [0.0, 1.0]], 240, axis=0))
    labels = np.where(np.arange(480) < 240, "water", "land")
    places = Places(corpus, labels=labels)
    places.score()
    found = places.similar(480)
    assert len(found) == 160, "as many as there are"
    names = [row["id"] for row in found]
    first = [name for name in names if name in set(corpus.ids[:240].tolist())]
    assert names[:80] == sorted(first)
    nearest = min(corpus.ids[np.flatnonzero(places.kept & (labels == "water"))])
    assert {row["nearest"] for row in found} == {nearest}


def test_places_and_dates_stand_beside_what_is_listed(corpus, signal):
    changes = {str(name): {"longitude": 9.25, "latitude": -50.0, "dates": [0, 86_400_000]}
               for name in corpus.ids}  # fmt: skip
    corpus.write_catalogue(**changes)
    corpus.embed(MODEL, signal)
    places = Places(corpus)
    places.score()
    row = places.similar(1)[0]
    told = row["longitude"], row["latitude"], row["dates"]
    assert told == ("9.250000", "-50.000000", "1970-01-01 1970-01-02")


def test_too_little_to_learn_from_is_a_sentence(places, corpus):
    for kept, labels, sentence in (
        (corpus.splits == "test", None, "No labelled sample of 'mines' lies in the training"),
        (None, np.where(corpus.splits == "train", "land", corpus.labels),
         "have the same class, 'land'"),
        (np.isin(corpus.blocks, ["0_0", "1_0", "2_0"]) | (corpus.splits == "test"), None,
         r"over 4 folds of whole blocks.*lie in 3; lower `probes.folds`"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=sentence):
            Places(corpus, kept, labels).score()


def test_damaged_files_are_a_sentence(tmp_path):
    path = tmp_path / "labels.parquet"
    path.write_bytes(b"nothing")
    for read in (read_place_target, read_scores):
        with pytest.raises(UserError, match="is missing or damaged"):
            read(path)
