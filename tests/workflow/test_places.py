"""Labelled places, from a user's CSV to curves and a list of similar samples."""

import csv

import geopandas
import pyarrow.parquet as pq
import pytest
import yaml

TINY = "config/experiments/tiny.yaml"
MODEL = "sar-temporal/simclr/cnn-transformer"
PIXELS = "sar-temporal/none/pixel-statistics"


@pytest.fixture
def looking(finished):
    """The finished main job, with places by the land cover in the middle of each sample."""
    catalogue = geopandas.read_parquet(finished.folder / "results/catalogue.parquet")
    cover = geopandas.read_file(finished.folder / "results/corpora/tiny/landcover.gpkg")
    centres = catalogue[catalogue["split"] != "buffer"].to_crs(cover.crs)
    table = geopandas.sjoin(centres, cover, predicate="within").drop_duplicates("sample_id")
    nature = table["Code_18"].str[0].isin(["3", "4", "5"])
    table["label"] = nature.map({True: "nature", False: "farmed"})
    table[["longitude", "latitude", "label"]].to_csv(finished.folder / "nature.csv", index=False)
    configure(finished, path="nature.csv", modes=["frozen", "tuned"], similar=5)
    return finished


def configure(project, **places):
    path = project.folder / TINY
    config = yaml.safe_load(path.read_text())
    config |= {
        "data": ".",
        "grid": {"methods": ["simclr"], "baselines": ["pixel-statistics"]},
        "probes": {"folds": 3, "draws": 100, "scored": ["validation", "test"]},
        "landcover": {"finetune": {"epochs": 1, "threads": 1}},
        "places": {"nature": {"positive": "nature", **places}},
    }
    path.write_text(yaml.safe_dump(config))


def rows_of(project, name):
    with (project.folder / "results/places/nature" / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_places_become_curves_and_a_list(looking):
    looking.make("places")
    assert not looking.planned("places")
    averages = rows_of(looking, "average_precision.csv")
    cells = [(row["encoder"], row["mode"]) for row in averages]
    assert cells == [("cnn-transformer", "frozen"), ("pixel-statistics", "frozen"),
                     ("cnn-transformer", "tuned")]  # fmt: skip
    assert all(0 <= float(row["average_precision"]) <= 1 for row in averages)
    assert [bool(row["minus_pixels"]) for row in averages] == [True, False, True]
    similar = rows_of(looking, f"{MODEL}/similar.csv")
    labels = pq.read_table(looking.folder / "results/places/nature/labels.parquet")
    assert len(similar) == 5
    assert not {row["id"] for row in similar} & set(labels["id"].to_pylist())
    assert {row["nearest"] for row in similar} <= set(labels["id"].to_pylist())
    only_what_changed_runs_again(looking)
    what_is_wrong_is_a_sentence(looking)


def only_what_changed_runs_again(looking):
    configure(looking, path="nature.csv", modes=["frozen", "tuned"], similar=3)
    assert looking.planned("places") == {"place_similar": 1, "places": 1}
    configure(looking, path="nature.csv", modes=["frozen"], similar=5)
    path = looking.folder / "nature.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    assert set(looking.planned("places")) == {
        "place_labels", "place_scores", "place_similar", "place_curves", "places",
    }  # fmt: skip


def what_is_wrong_is_a_sentence(looking):
    configure(looking, path="nothing.csv")
    done = looking.snakemake("results/places/nature/labels.parquet", "--forcerun", "place_labels")
    assert done.returncode != 0
    assert "nothing.csv: is missing or no CSV" in done.stdout
    assert "Traceback" not in done.stdout
