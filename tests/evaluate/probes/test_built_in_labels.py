"""Labels that need no table, against plain counts."""

import datetime

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.evaluate.probes.built_in import _water
from speckle2vec.evaluate.probes.target import collect_target
from speckle2vec.plan import Plan
from speckle2vec.products.label_writer import SampleLabels, write_labels
from speckle2vec.products.labels import LabelClass
from speckle2vec.products.probes import read_target

CLASSES = (
    LabelClass(1, 300, "Forest & semi-natural", "#00ff00"),
    LabelClass(2, 512, "Water bodies", "#0000ff"),
    LabelClass(3, 523, "Sea", "#0000aa"),
)


def collect(corpus, label, **probes):
    output = corpus.folder / f"{label}.parquet"
    settings = corpus.settings(probes={"labels": [label], **probes})
    collect_target(settings, label, corpus.keys, corpus.catalogue, corpus.folder / "labels", output)
    return read_target(output)


@pytest.fixture
def rasters(corpus):
    """Ten by ten pixels a sample, drawn; every seventh sample is mostly nodata."""
    random, drawn = np.random.default_rng(0), {}
    for number, key in enumerate(corpus.keys):
        samples = []
        for row, name in enumerate(corpus.ids[number * 120 : (number + 1) * 120].tolist()):
            water = random.choice([0.0, 0.03, 0.5])
            raster = random.choice(4, (10, 10), p=[0.1, 0.9 - water, water * 0.6, water * 0.4])
            raster[:, : 6 if row % 7 == 0 else 0] = 0
            drawn[name] = raster.astype(np.uint8)
            samples.append(SampleLabels(name, row, drawn[name], 1.0))
        path = key.part(corpus.folder / "labels", ".zarr.zip")
        write_labels(path, samples, [(10, 10)] * 120, CLASSES, lambda: {"level": 3})
    return drawn


def shares(rasters, wanted):
    told = {name: raster[raster > 0] for name, raster in rasters.items()}
    return {
        name: np.isin(pixels, wanted).mean() for name, pixels in told.items() if len(pixels) >= 50
    }


@pytest.mark.parametrize(
    ("label", "wanted"),
    [("water-share", (2, 3)), ("share-forest-semi-natural", (1,)), ("share-sea", (3,))],
)
def test_shares_of_the_labelled_pixels(corpus, rasters, label, wanted):
    target, expected = collect(corpus, label), shares(rasters, wanted)
    assert (target.name, target.kind) == (label, "regression")
    assert 300 < len(expected) < 480
    assert target.ids.tolist() == sorted(expected)
    np.testing.assert_allclose(target.values, [expected[name] for name in target.ids])


def test_more_than_5_percent_of_water_is_water(corpus, rasters):
    target, expected = collect(corpus, "water-present"), shares(rasters, (2, 3))
    assert target.kind == "classification"
    words = ["water" if expected[name] > 0.05 else "dry" for name in target.ids]
    assert target.values.tolist() == words
    assert set(words) == {"dry", "water"}


@pytest.mark.parametrize(
    ("name", "water"),
    [
        ("Water", True), ("Inland waters", True), ("permanent water", True), ("Waterlogged", False),
        ("Not water", False), ("No Water", False), ("non-water", False), ("NOT_WATER", False),
        ("Northern water", True),
    ],
)  # fmt: skip
def test_a_name_tells_whether_a_class_is_water(name, water):
    assert _water(LabelClass(1, 1, name, "#000000"), level=0) is water


def test_position_and_season_come_from_the_catalogue(corpus):
    months = {name: 1 + row % 12 for row, name in enumerate(corpus.ids.tolist())}
    changes = {
        name: {"latitude": row / 7, "longitude": -row / 3,
               "dates": [datetime.datetime(2020, months[name], 3), datetime.datetime(2021, 1, 1)]}
        for row, name in enumerate(corpus.ids.tolist()) if row != 5
    }  # fmt: skip
    corpus.write_catalogue(**changes)
    for label, sign in (("latitude", 1 / 7), ("longitude", -1 / 3)):
        target = collect(corpus, label)
        assert corpus.ids[5] not in target.ids
        where = {name: row * sign for row, name in enumerate(corpus.ids.tolist())}
        np.testing.assert_allclose(target.values, [where[name] for name in target.ids])
    seasons = {12: "Dec-Feb", 1: "Dec-Feb", 2: "Dec-Feb", 3: "Mar-May", 4: "Mar-May", 5: "Mar-May",
               6: "Jun-Aug", 7: "Jun-Aug", 8: "Jun-Aug"}  # fmt: skip
    target = collect(corpus, "season")
    expected = [seasons.get(months[name], "Sep-Nov") for name in target.ids]
    assert target.values.tolist() == expected
    assert len(expected) == 479


def test_a_table_of_the_same_name_comes_first(corpus):
    rows = [f"{name},{row}" for row, name in enumerate(corpus.ids)]
    (corpus.folder / "mine.csv").write_text("\n".join(["id,label", *rows]) + "\n")
    tables = {"latitude": {"path": "mine.csv", "kind": "regression"}}
    assert collect(corpus, "latitude", tables=tables).values.max() == 479


def test_what_is_not_there_is_a_sentence(corpus, rasters):
    with pytest.raises(UserError, match=r"no such class; .* share-forest-semi-natural, share-sea"):
        collect(corpus, "share-town")
    with pytest.raises(UserError, match="none of the 480 accepted samples has a latitude; take"):
        collect(corpus, "latitude")
    with pytest.raises(UserError, match="none of the 480 accepted samples has a date; take"):
        collect(corpus, "season")
    for word in ("share-", "share-Forest", "colour"):
        with pytest.raises(
            UserError, match=f"labels holds '{word}', but there are land-cover, wat"
        ):
            corpus.settings(probes={"labels": [word]})


def test_nothing_labelled_is_a_sentence(corpus):
    for number, key in enumerate(corpus.keys):
        empty = [SampleLabels(name, row, np.zeros((2, 2), np.uint8), 0.0) for row, name in
                 enumerate(corpus.ids[number * 120 : (number + 1) * 120].tolist())]  # fmt: skip
        path = key.part(corpus.folder / "labels", ".zarr.zip")
        write_labels(path, empty, [(2, 2)] * 120, CLASSES, lambda: {"level": 3})
    with pytest.raises(UserError, match="water-share: none of the 480 samples has a class"):
        collect(corpus, "water-share")


def test_a_label_is_made_of_what_it_is_read_from(corpus):
    plan = Plan(corpus.settings())
    assert plan.label_sources("water-share") == plan.label_sources("land-cover") != []
    assert plan.label_sources("season") == []
