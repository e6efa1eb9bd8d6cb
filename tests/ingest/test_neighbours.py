import logging
import math

import numpy as np
import pyarrow as pa
import pyproj
import pytest
from hypothesis import given, settings, strategies

from speckle2vec.errors import UserError
from speckle2vec.ingest import neighbours as stage
from speckle2vec.ingest.neighbours import make_neighbours
from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.neighbours import read_nearness, read_neighbours
from speckle2vec.settings.load import parse_settings

KEY = ShardKey("test", "1")
ROUNDING = 1e-9


def haversine(one, other):
    """Degrees along the great circle, by a formula with neither vectors nor chords."""
    (east, north), (far_east, far_north) = (map(math.radians, place) for place in (one, other))
    half = math.sin((far_north - north) / 2) ** 2
    half += math.cos(north) * math.cos(far_north) * math.sin((far_east - east) / 2) ** 2
    return math.degrees(2 * math.asin(min(1, math.sqrt(half))))


def expected(places, splits, radius, nearest, most):
    """Sorted distances of each place's neighbours, by a plain double loop."""
    lists = []
    for at, place in enumerate(places):
        distances = sorted(
            haversine(place, other)
            for index, other in enumerate(places)
            if index != at and splits[index] == splits[at]
        )
        within = [distance for distance in distances if distance < radius]
        lists.append(within[:most] if within else distances[:nearest])
    return lists


def chosen(**changes):
    corpora = {"test": {"source": "simulated"}}
    return parse_settings({"corpora": corpora, "neighbours": changes}, "test")


def part(folder, key, places, splits, names=None, verdicts=None):
    names = names or [f"{key.shard}_{row}" for row in range(len(places))]
    rows = [
        {
            **dict.fromkeys(SCHEMA.names), "sample_id": names[row], "corpus": key.corpus,
            "shard": key.shard, "row": row, "place": str(row), "longitude": place[0],
            "latitude": place[1], "split": splits[row], "reason": "",
            "verdict": (verdicts or {}).get(row, "accepted"),
        }
        for row, place in enumerate(places)
    ]  # fmt: skip
    write_catalogue(pa.Table.from_pylist(rows, schema=SCHEMA), key.part(folder, ".parquet"))
    return key


def table(folder, keys=(KEY,), **changes):
    make_neighbours(chosen(**changes), keys, folder, folder / "table.parquet")
    blocks = pa.concat_tables(read_neighbours(folder / "table.parquet"))
    return {row["sample_id"]: row for row in blocks.to_pylist()}


def degree(low, high):
    return strategies.floats(low, high, allow_nan=False, width=32)


@strategies.composite
def positions(draw):
    """Places in clusters, many of them where maps tear: the antimeridian and the poles."""
    centres = [(0, 0), (179.9, 10), (-179.9, 10), (50, 89.8), (-130, 89.9), (0, -89.9), (12, 48)]
    count = draw(strategies.integers(2, 40))
    places = []
    for _ in range(count):
        east, north = draw(strategies.sampled_from(centres))
        east += draw(degree(-3, 3)) * draw(strategies.sampled_from([0, 1, 40]))
        north = min(max(north + draw(degree(-1, 1)), -90), 90)
        places.append(((east + 180) % 360 - 180, north))
    return places


@settings(max_examples=60, deadline=None)
@given(
    places=positions(),
    radius=strategies.sampled_from([0.05, 0.5, 1.0, 5.0, 90.0]),
    nearest=strategies.integers(1, 5),
    most=strategies.sampled_from([1, 3, 64]),
    seed=strategies.integers(0, 9),
)
def test_neighbours_are_those_of_a_double_loop(
    tmp_path_factory, places, radius, nearest, most, seed
):
    folder = tmp_path_factory.mktemp("table")
    splits = np.random.default_rng(seed).choice(["train", "validation"], len(places)).tolist()
    part(folder, KEY, places, splits)
    rows = table(folder, radius=radius, nearest=nearest, most=most)
    wanted = expected(places, splits, radius, nearest, most)
    for at, distances in enumerate(wanted):
        row = rows[f"1_{at}"]
        on_the_edge = any(abs(distance - radius) < ROUNDING for distance in distances)
        if on_the_edge:
            continue
        np.testing.assert_allclose(row["distances"], distances, atol=2e-6)
        for name, distance in zip(row["neighbours"], row["distances"], strict=True):
            other = int(name.removeprefix("1_"))
            assert other != at
            assert splits[other] == splits[at]
            assert haversine(places[at], places[other]) == pytest.approx(distance, abs=2e-6)
        assert len(set(row["neighbours"])) == len(row["neighbours"])


def test_across_the_antimeridian_and_over_the_pole(tmp_path):
    places = [(179.9, 60), (-179.9, 60), (10, 89.9), (-170, 89.9), (100, 0), (101.5, 0)]
    part(tmp_path, KEY, places, ["train"] * 6)
    rows = table(tmp_path, nearest=1)
    assert [rows[f"1_{at}"]["neighbours"] for at in range(6)] == [
        ["1_1"], ["1_0"], ["1_3"], ["1_2"], ["1_5"], ["1_4"],
    ]  # fmt: skip
    assert rows["1_0"]["distances"] == [pytest.approx(0.1, abs=1e-5)]
    assert rows["1_2"]["distances"] == [pytest.approx(0.2, abs=1e-9)]
    assert rows["1_4"]["distances"] == [pytest.approx(1.5, abs=1e-9)]


def test_nothing_leaks_between_splits_and_only_accepted_samples_count(tmp_path):
    splits = ["train", "train", "validation", "validation", "test", "buffer", "train"]
    places = [(at / 100, 0) for at in range(7)]
    part(tmp_path, KEY, places, splits, verdicts={6: "refused"})
    rows = table(tmp_path)
    neighbours = {name: row["neighbours"] for name, row in rows.items()}
    assert neighbours == {"1_0": ["1_1"], "1_1": ["1_0"], "1_2": ["1_3"], "1_3": ["1_2"]}


def test_samples_of_one_place_are_neighbours_at_no_distance(tmp_path):
    """Such as other dates; more of them than the table lists, so that none sees itself."""
    part(tmp_path, KEY, [(7.3, 47.1)] * 9, ["train"] * 9)
    rows = table(tmp_path, most=3)
    for name, row in rows.items():
        assert row["distances"] == [0, 0, 0]
        assert name not in row["neighbours"]
        assert len(set(row["neighbours"])) == 3


def test_a_sample_alone_in_its_split_has_no_neighbour(tmp_path):
    part(tmp_path, KEY, [(0, 0), (1, 1), (2, 2)], ["train", "train", "validation"])
    rows = table(tmp_path, nearest=5)
    assert [len(row["neighbours"]) for row in rows.values()] == [1, 1, 0]


def test_many_shards_and_blocks_give_one_table_in_catalogue_order(tmp_path, monkeypatch, caplog):
    random = np.random.default_rng(5)
    keys = []
    for shard in ("b", "a", "c"):
        places = [(float(east), 45.0) for east in random.uniform(0, 8, 30)]
        keys.append(ShardKey("test", shard))
        part(tmp_path, keys[-1], places, random.choice(["train", "validation"], 30).tolist())
    with caplog.at_level(logging.INFO, "speckle2vec"):
        whole = table(tmp_path, keys)
    assert "90 samples have" in caplog.text
    first = (tmp_path / "table.parquet").read_bytes()
    table(tmp_path, keys)
    assert (tmp_path / "table.parquet").read_bytes() == first
    monkeypatch.setattr(stage, "ROWS_TOGETHER", 7)
    assert table(tmp_path, keys) == whole
    assert [name[0] for name in whole] == ["b"] * 30 + ["a"] * 30 + ["c"] * 30


def test_of_an_id_that_is_there_twice_the_first_counts(tmp_path):
    keys = [ShardKey("test", name) for name in ("1", "2")]
    part(tmp_path, keys[0], [(0, 0), (0, 1)], ["train"] * 2, names=["a", "b"])
    part(tmp_path, keys[1], [(50, 0), (0, 2)], ["train"] * 2, names=["a", "c"])
    rows = table(tmp_path, keys, radius=1.5)
    assert list(rows) == ["a", "b", "c"]
    assert (rows["a"]["longitude"], rows["a"]["latitude"]) == (0, 0)
    assert rows["a"]["neighbours"] == ["b"]


def test_samples_without_a_position_are_left_out_and_counted(tmp_path, caplog):
    part(tmp_path, KEY, [(0, 0), (None, None), (1, 1), (math.nan, 3)], ["train"] * 4)
    with caplog.at_level(logging.WARNING, "speckle2vec"):
        rows = table(tmp_path)
    assert list(rows) == ["1_0", "1_2"]
    assert read_nearness(tmp_path / "table.parquet").without_position == 2
    assert "2 samples have no position" in caplog.text


def test_no_position_at_all_is_a_sentence(tmp_path):
    part(tmp_path, KEY, [(None, None)] * 3, ["train"] * 3)
    with pytest.raises(UserError, match=r"None of the 3 samples .* of 1 shards .*`patch`"):
        table(tmp_path)
    assert not (tmp_path / "table.parquet").exists()


def test_a_missing_part_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match=r"1\.parquet: is missing"):
        table(tmp_path)


def test_the_sphere_is_as_near_to_the_ellipsoid_as_is_said():
    """Within a degree the arc differs from the geodesic by 0.6 % at most, as documented."""
    from speckle2vec.products.sphere import arc_of, unit_vectors

    random = np.random.default_rng(0)
    north = np.degrees(np.arcsin(random.uniform(-1, 1, 4000)))
    east, bearing = random.uniform(-180, 180, 4000), random.uniform(0, 360, 4000)
    metres = random.uniform(100, 111_000, 4000)
    far_east, far_north, _ = pyproj.Geod(ellps="WGS84").fwd(east, north, bearing, metres)
    ends = unit_vectors(east, north), unit_vectors(np.array(far_east), np.array(far_north))
    arcs = arc_of(np.linalg.norm(ends[0] - ends[1], axis=1))
    true = np.degrees(metres / 6_371_008.8)
    assert 0.004 < np.abs(arcs / true - 1).max() < 0.006
