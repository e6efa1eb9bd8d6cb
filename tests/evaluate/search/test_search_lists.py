"""Duplicates and outliers."""

import csv
import json

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from speckle2vec.cli import main

from .searched import along_curves, cosines_of, searched


@pytest.fixture
def listed(tmp_path, monkeypatch):
    """Run the commands of a list, as a person or a rule does."""
    monkeypatch.chdir(tmp_path)

    def run(command, made, **search):
        config = tmp_path / "config.yaml"
        config.write_text(json.dumps({"corpora": {"c": {"source": "simulated"}}, "search": search}))
        paths = [tmp_path / name for name in ("index.faiss", "nearest.parquet", "list.csv")]
        common = ["--config", str(config), *made.arguments()]
        index, nearest, output = map(str, paths)
        assert main(["search-index", *common, "--output", index]) == 0
        assert main(["search-nearest", *common, "--index", index, "--output", nearest]) == 0
        assert main([command, *common, "--nearest", nearest, "--output", output]) == 0
        with paths[2].open(newline="") as file:
            return list(csv.DictReader(file))

    return run


def test_duplicates_are_the_pairs_above_the_cosine(listed, tmp_path, caplog):
    made = searched(tmp_path, along_curves(200, latent=2))
    cosines = cosines_of(made.values)
    first, second = np.triu_indices(200, 1)
    least = np.sort(cosines[first, second])[-40] - 1e-5
    chosen = np.flatnonzero(cosines[first, second] >= least)
    with caplog.at_level("INFO", logger="speckle2vec"):
        rows = listed("duplicates", made, alike=least, nearest=30)
    pairs = {(made.ids[first[at]], made.ids[second[at]]) for at in chosen}
    assert {(row["first"], row["second"]) for row in rows} == pairs
    told = [float(row["cosine"]) for row in rows]
    assert told == sorted(told, reverse=True)
    np.testing.assert_allclose(sorted(told), np.sort(cosines[first, second])[-40:], atol=2e-6)
    apart = abs(int(rows[0]["first"][1:]) - int(rows[0]["second"][1:])) / 100
    expected = np.radians(apart) * 6371.0088 * np.cos(np.radians(47))
    assert float(rows[0]["kilometres"]) == pytest.approx(expected, rel=1e-3)
    assert rows[0]["first_dates"] == "2021-01-01"


def test_the_list_of_duplicates_ends_somewhere(listed, tmp_path, caplog):
    made = searched(tmp_path, np.ones((12, 1024), np.float32), places=[(None, None)] * 12)
    with caplog.at_level("INFO", logger="speckle2vec"):
        rows = listed("duplicates", made, nearest=11, most=5)
    assert len(rows) == 5
    assert rows[0]["kilometres"] == rows[0]["first_longitude"] == ""
    assert "66 pairs have a cosine of 0.99 or more; 5 are listed" in caplog.text


def test_nothing_alike_is_an_empty_list(listed, tmp_path):
    made = searched(tmp_path / "unlike", np.eye(5, 1024, dtype=np.float32))
    assert listed("duplicates", made) == []
    alone = searched(tmp_path / "alone", np.ones((1, 1024), np.float32))
    assert listed("duplicates", alone) == listed("outliers", alone) == []


def test_a_repeated_sample_is_found(listed, tmp_path):
    values = along_curves(60)
    values[50] = values[3] * 2
    rows = listed("duplicates", searched(tmp_path, values), alike=0.99999)
    assert [(row["first"], row["second"]) for row in rows] == [("s00003", "s00050")]
    assert float(rows[0]["cosine"]) == pytest.approx(1, abs=1e-6)


def test_outliers_are_far_from_their_last_neighbour(listed, tmp_path):
    values = along_curves(150)
    values[[20, 70]] = np.random.default_rng(1).normal(size=(2, 1024)) * 5
    made = searched(tmp_path, values)
    rows = listed("outliers", made, nearest=4, most=30)
    reference = NearestNeighbors(n_neighbors=5, metric="cosine", algorithm="brute")
    distances, found = reference.fit(values.astype(np.float64)).kneighbors()
    order = np.argsort(-distances[:, 3])[:30]
    assert [row["id"] for row in rows] == [made.ids[at] for at in order]
    assert {row["id"] for row in rows[:2]} == {"s00020", "s00070"}
    np.testing.assert_allclose(
        [float(row["cosine_distance"]) for row in rows], distances[order, 3], atol=2e-6
    )
    assert [row["nearest"] for row in rows] == [made.ids[at] for at in found[order, 0]]
    np.testing.assert_allclose(
        [float(row["nearest_cosine_distance"]) for row in rows], distances[order, 0], atol=2e-6
    )


def test_a_table_of_other_samples_is_a_sentence(listed, tmp_path, capsys):
    made = searched(tmp_path / "many", along_curves(60))
    listed("outliers", made)
    fewer = searched(tmp_path / "few", along_curves(40))
    arguments = [*fewer.arguments(), "--nearest", str(tmp_path / "nearest.parquet")]
    for command in ("outliers", "duplicates"):
        config = ["--config", str(tmp_path / "config.yaml"), "--output", "x.csv"]
        (tmp_path / "config.yaml").write_text(
            "{corpora: {c: {source: simulated}}, search: {alike: -0.99}}"
        )
        assert main([command, *arguments, *config]) == 1
        assert "which has no embedding" in capsys.readouterr().err
    assert not (tmp_path / "x.csv").exists()
