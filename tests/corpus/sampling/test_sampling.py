"""Drawing: seeded, extensible, by strata and apart."""

import json
import os
import subprocess
import sys

import numpy as np
import pyproj
import pytest
import shapely
import yaml
from tests.corpus.sampling.drawing import SQUARE, draw, positions, settings_for, write_outlines

from speckle2vec.corpus.sampling.draw import draw_places
from speckle2vec.corpus.sampling.queues import Queue, in_turn, split_by_class
from speckle2vec.corpus.sampling.spacing import EARTH_KM, Spacing, vectors_of
from speckle2vec.errors import UserError
from speckle2vec.products.places import read_drawing, read_places
from speckle2vec.settings.load import parse_settings

ISLAND = shapely.box(20.00, 40.00, 20.01, 40.01)


@pytest.fixture(scope="module")
def outlines(tmp_path_factory):
    shapes = [SQUARE, shapely.box(10, 49, 13, 52), ISLAND]
    path = tmp_path_factory.mktemp("outlines") / "outlines.gpkg"
    return write_outlines(path, shapes, country=["B", "A", "C"])


@pytest.mark.parametrize(
    "sampling",
    [{}, {"sampler": "latitude"}, {"stratum": "country"}, {"minimum_km": 5.0},
     {"stratum": "country", "minimum_km": 0.05}],
    ids=["area", "latitude", "strata", "apart", "strata-apart"],
)  # fmt: skip
def test_a_larger_count_begins_with_the_places_of_a_smaller_one(outlines, sampling, tmp_path):
    few = draw(tmp_path, outlines, count=70, places_per_shard=32, **sampling)
    many = draw(tmp_path, outlines, count=151, places_per_shard=32, **sampling)
    assert many.slice(0, 70).equals(few)
    assert len(set(map(tuple, positions(many).tolist()))) == 151
    assert many["place"].to_pylist() == [f"{number:07d}" for number in range(1, 152)]
    shards = ["train-000001"] * 32 + ["train-000002"] * 32 + ["train-000003"] * 6
    assert few["shard"].to_pylist() == shards


def test_the_seed_chooses_and_the_corpus_does_not(outlines, tmp_path):
    first = draw(tmp_path, outlines, count=50)
    assert draw(tmp_path, outlines, count=50).equals(first)
    assert not draw(tmp_path, outlines, count=50, seed=43).equals(first)
    told = settings_for(outlines, count=50).model_dump(mode="json")
    told["corpora"] = {"other": told["corpora"]["cut"]}
    draw_places(parse_settings(told, "test"), "other", tmp_path / "other.parquet")
    assert read_places(tmp_path / "other.parquet").equals(first)


def test_bytes_do_not_depend_on_threads(outlines, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(settings_for(outlines, count=500).model_dump(mode="json")))
    written = []
    for threads in ("1", "3"):
        path = tmp_path / f"{threads}.parquet"
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ARROW_NUM_THREADS")
        command = ["draw-places", "--config", config, "--corpus", "cut", "--output", path]
        subprocess.run(
            [sys.executable, "-m", "speckle2vec", *command],
            env={**os.environ, **dict.fromkeys(names, threads)}, check=True, capture_output=True,
        )  # fmt: skip
        written.append(path.read_bytes())
    assert written[0] == written[1]


def test_strata_get_equal_numbers_in_turn(outlines, tmp_path):
    table = draw(tmp_path, outlines, count=301, stratum="COUNTRY")
    strata = table["stratum"].to_pylist()
    assert strata[:4] == ["A", "B", "C", "A"]
    assert [strata.count(name) for name in "ABC"] == [101, 100, 100]
    boxes = {"A": shapely.box(10, 49, 13, 52), "B": SQUARE, "C": ISLAND}
    inside = [
        shapely.contains_xy(boxes[name], *place)
        for name, place in zip(strata, positions(table), strict=True)
    ]
    assert all(inside)


def test_a_new_stratum_moves_no_place_of_the_others(outlines, tmp_path):
    path = write_outlines(tmp_path / "two.gpkg", [ISLAND, SQUARE], country=["C", "B"])
    two = draw(tmp_path, path, count=40, stratum="country")
    three = draw(tmp_path, outlines, count=60, stratum="country")
    for name in "BC":
        chosen = [
            positions(table)[np.array(table["stratum"].to_pylist()) == name]
            for table in (two, three)
        ]
        np.testing.assert_array_equal(*chosen)


@pytest.mark.parametrize("sampling", [{}, {"stratum": "country"}])
def test_the_minimum_distance_is_held(outlines, sampling, tmp_path):
    kilometres = 0.3 if sampling else 6.0
    free = draw(tmp_path, outlines, count=24, **sampling)
    apart = draw(tmp_path, outlines, count=24, minimum_km=kilometres, **sampling)
    assert nearest_km(free) < kilometres <= nearest_km(apart)


def nearest_km(table):
    """By plain loops over spherical geodesics."""
    sphere, places = pyproj.Geod(a=EARTH_KM, b=EARTH_KM), positions(table).tolist()
    return min(
        sphere.inv(*one, *other)[2]
        for number, one in enumerate(places) for other in places[:number]
    )  # fmt: skip


def test_distance_is_held_across_the_antimeridian_and_near_the_pole():
    places = np.array([(179.999, 0.0), (-179.999, 0.0), (0.0, 83.999), (180.0, 83.999), (0, 83.9)])
    spacing = Spacing(1.0)
    assert [spacing.admit(one) for one in vectors_of(places)] == [True, False, True, True, True]
    with_all = Spacing(20_000.0)
    assert [with_all.admit(one) for one in vectors_of(places[:3])] == [True, False, False]


def test_a_region_that_is_full_says_how_many_fit(tmp_path):
    path = write_outlines(tmp_path / "island.gpkg", [ISLAND])
    with pytest.raises(UserError, match=r"Only \d+ of 500 places at least 0.3 km apart") as told:
        draw(tmp_path, path, count=500, minimum_km=0.3)
    fit = int(str(told.value).split()[1])
    assert 3 <= fit <= 15
    assert f"Set `sampling.count` to {fit}" in str(told.value)
    assert len(draw(tmp_path, path, count=fit, minimum_km=0.3)) == fit


def test_a_full_stratum_is_named(outlines, tmp_path):
    with pytest.raises(UserError, match="drawn in the stratum C were all nearer"):
        draw(tmp_path, outlines, count=300, stratum="country", minimum_km=0.3)


def test_how_places_were_drawn_is_told_without_folders(outlines, tmp_path):
    draw(tmp_path, outlines, count=3, stratum="country")
    told = read_drawing(tmp_path / "places.parquet")
    assert (told["seed"], told["outlines"]) == (42, "outlines.gpkg")
    assert told["strata"] == ["A", "B", "C"]
    assert len(told["sha256"]) == 64
    assert str(outlines.parent) not in json.dumps(told)


def test_places_of_a_simulated_corpus_are_not_drawn(tmp_path):
    settings = parse_settings({"corpora": {"demo": {"source": "simulated"}}}, "test")
    with pytest.raises(UserError, match="'demo' has the source 'simulated'"):
        draw_places(settings, "demo", tmp_path / "places.parquet")
    with pytest.raises(UserError, match="There is no corpus 'nine'"):
        draw_places(settings, "nine", tmp_path / "places.parquet")


def test_queues_do_not_depend_on_how_much_is_taken_at_once():
    def blocks():
        random = np.random.default_rng(0)
        while True:
            yield random.random((random.integers(0, 5), 2))

    whole = Queue("", blocks(), "barren").take(30)
    queue = Queue("", blocks(), "barren")
    parts = [queue.take(count) for count in (1, 0, 7, 12)]
    while sum(map(len, parts)) < 30:
        parts.append(queue.some(2))
        assert 1 <= len(parts[-1]) <= 2
    np.testing.assert_array_equal(np.concatenate(parts)[:30], whole)


def test_classes_share_one_sequence():
    def blocks():
        random = np.random.default_rng(0)
        while True:
            yield random.random((8, 2))

    split = split_by_class(blocks(), lambda places: (places[:, 0] > 0.8).astype(np.int64), (0, 1))
    queues = [Queue("0", split[0], "barren"), Queue("1", split[1], "barren")]
    places, strata = in_turn(queues, 21)
    assert np.bincount(strata).tolist() == [11, 10]
    np.testing.assert_array_equal(places[:, 0] > 0.8, strata == 1)
    drawn = next(iter([np.random.default_rng(0).random((400, 2))]))
    np.testing.assert_array_equal(places[strata == 1], drawn[drawn[:, 0] > 0.8][:10])
