"""Labelled places and samples, against a plain loop over footprints that are reprojected."""

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from speckle2vec.evaluate.places.target import label_places
from speckle2vec.products.place_labels import read_place_target

from .placed import moved, sample, scattered, settings_of, square, write_rows

SIDE_M = 2640.0
REGIONS = {
    "two zones": (["EPSG:32632", "EPSG:32633"], 12.0, 50.0),
    "antimeridian": (["EPSG:32760", "EPSG:32701"], 180.0, -17.0),
    "degrees": (["EPSG:4326"], 12.0, 50.0),
}


@pytest.fixture(params=REGIONS)
def region(request):
    zones, longitude, latitude = REGIONS[request.param]
    if zones != ["EPSG:4326"]:
        return scattered(1, 60, zones, longitude, latitude), longitude, latitude
    random = np.random.default_rng(1)
    east, north = random.uniform(-0.2, 0.2, (2, 30))
    rows = [sample(f"s{row:03d}", zones[0], longitude + east[row], latitude + north[row], 1e-4)
            for row in range(30)]  # fmt: skip
    return rows, longitude, latitude


def wrapped(longitude):
    return (longitude + 180) % 360 - 180


def joined(folder, rows, **places):
    catalogue = write_rows(rows, folder / "catalogue.parquet")
    settings = settings_of(folder, conflicts="leave-out", **places)
    label_places(settings, "mines", catalogue, folder / "labels.parquet")
    table = read_place_target(folder / "labels.parquet").table
    return {row["id"]: (row["labels"], row["label"]) for row in table.to_pylist()}


def told(found, labels):
    """What a sample should have, of the labels of its places."""
    classes = {labels[number] for number in found}
    return len(found), classes.pop() if len(classes) == 1 else None


def test_points(region, tmp_path):
    rows, longitude, latitude = region
    random = np.random.default_rng(2)
    x = wrapped(longitude + random.uniform(-0.3, 0.3, 300))
    y = latitude + random.uniform(-0.15, 0.15, 300)
    labels = random.choice(["mine", "other"], 300)
    lines = [f"{a:.9f},{b:.9f},{one}\n" for a, b, one in zip(x, y, labels, strict=True)]
    (tmp_path / "places.csv").write_text("longitude,latitude,label\n" + "".join(lines))
    expected = {}
    for row in rows:
        here = np.round(x, 9), np.round(y, 9)
        inside = shapely.contains_xy(square(row), *moved("EPSG:4326", row["crs"], *here))
        if inside.any():
            expected[row["sample_id"]] = told(np.flatnonzero(inside), labels)
    assert len(expected) > 15
    assert {label for _, label in expected.values()} == {"mine", "other", None}
    assert joined(tmp_path, rows, path="places.csv") == expected


def centre(row, beside):
    turn = 360 * np.round((beside - row["longitude"]) / 360)
    return shapely.Point(row["longitude"] + turn, row["latitude"])


def shares(row, west, south, east, north):
    """Share of the smaller of the two that a sample and a box have in common, in metres."""
    if not shapely.box(west, south, east, north).buffer(0.05).covers(centre(row, west)):
        return 0.0
    outline = shapely.segmentize(shapely.box(west, south, east, north), 0.005)
    box = shapely.transform(
        outline, lambda c: np.stack(moved("EPSG:4326", row["crs"], *c.T), axis=-1)
    )
    own = square(row)
    return box.intersection(own).area / min(box.area, own.area)


@pytest.mark.parametrize("share", [0.5, 0.23])
def test_boxes(region, tmp_path, share):
    rows, longitude, latitude = region
    random = np.random.default_rng(4)
    west, south = random.uniform(-0.3, 0.25, 50), random.uniform(-0.15, 0.1, 50)
    sides = random.choice([0.01, 0.03, 0.1], (2, 50))
    edges = np.round([west, south, west + sides[0], south + sides[1]], 6)
    edges += np.array([longitude, latitude, longitude, latitude])[:, None]
    labels = np.array(["mine", "other"])[np.arange(50) % 2]
    lines = [f"{wrapped(w):.6f},{s:.6f},{wrapped(e):.6f},{n:.6f},{one}\n"
             for w, s, e, n, one in zip(*edges, labels, strict=True)]  # fmt: skip
    (tmp_path / "places.csv").write_text("west,south,east,north,label\n" + "".join(lines))
    expected, near = {}, 0
    for row in rows:
        found = np.array([shares(row, *box) for box in edges.T])
        near += int((abs(found - share) < 2e-4).sum())
        if (found >= share).any():
            expected[row["sample_id"]] = told(np.flatnonzero(found >= share), labels)
    assert near == 0, "no box is too near the share to tell"
    assert len(expected) > 8
    assert joined(tmp_path, rows, path="places.csv", share=share) == expected


@pytest.mark.parametrize("system", ["EPSG:3832", "EPSG:32760", "EPSG:3857", "EPSG:4326"])
def test_polygons_of_any_system_at_the_antimeridian(tmp_path, system):
    """Three circles: one on the line, and one on each side of it."""
    zones, longitude, latitude = REGIONS["antimeridian"]
    rows = scattered(1, 60, zones, longitude, latitude)
    there = moved("EPSG:4326", "EPSG:3832", [180.0, 179.85, -179.85], [latitude] * 3)
    circles = [shapely.Point(x, y).buffer(6000) for x, y in zip(*there, strict=True)]
    frame = gpd.GeoDataFrame({"kind": [1, 2, 2]}, geometry=circles, crs="EPSG:3832")
    if system in ("EPSG:3857", "EPSG:4326"):  # as such files have to be: cut along the line
        frame = frame.set_geometry([cut(one, system) for one in frame.geometry], crs=system)
    frame.to_crs(system).to_file(tmp_path / "places.gpkg")
    expected = {}
    for row in rows:
        own = shapely.segmentize(square(row), 100)
        own = shapely.transform(
            own, lambda c, row=row: np.stack(moved(row["crs"], "EPSG:3832", *c.T), axis=-1)
        )
        common = np.array([one.intersection(own).area / own.area for one in circles])
        assert (abs(common - 0.5) > 2e-3).all()
        if (common >= 0.5).any():
            expected[row["sample_id"]] = told(np.flatnonzero(common >= 0.5), ["1", "2", "2"])
    assert len(expected) > 5
    assert joined(tmp_path, rows, path="places.gpkg", columns={"label": "kind"}) == expected


def cut(circle, system):
    """A circle of EPSG:3832 in two pieces, one on each side of the antimeridian."""
    line = moved("EPSG:4326", "EPSG:3832", 180.0, 0.0)[0]
    halves = [
        circle.intersection(shapely.box(line - 1e6, -1e8, line - 1e-3, 1e8)),
        circle.intersection(shapely.box(line + 1e-3, -1e8, line + 1e6, 1e8)),
    ]
    pieces = [
        shapely.transform(half, lambda c: np.stack(moved("EPSG:3832", system, *c.T), axis=-1))
        for half in halves
    ]
    return shapely.MultiPolygon([piece for piece in pieces if not piece.is_empty])


def test_a_large_region_labels_what_it_covers_by_half(tmp_path):
    rows = scattered(1, 40, ["EPSG:32632"], 10.0, 50.0)
    (tmp_path / "places.csv").write_text(
        "west,south,east,north,label\n-170,-80,10.0,80,west\n10.0,-80,170,80,east\n"
    )
    found = joined(tmp_path, rows, path="places.csv")
    assert len(found) == 40, "every sample lies by half in one of the halves of the world"
    for row in rows:
        side = "east" if row["longitude"] > 10 else "west"
        assert found[row["sample_id"]] == (1, side), "the centre tells on which side most lies"


def test_a_place_on_the_line_between_neighbours_lies_in_one(tmp_path):
    left = sample("left", "EPSG:32632", 9.0, 50.0)
    right = {**left, "sample_id": "right", "affine": list(left["affine"])}
    right["affine"][2] += SIDE_M
    x, y = left["affine"][2] + SIDE_M, left["affine"][5] - 100.0
    frame = gpd.GeoDataFrame(
        {"label": ["mine", "other"]}, geometry=gpd.points_from_xy([x, x - 100], [y, y]),
        crs="EPSG:32632",
    )  # fmt: skip
    frame.to_file(tmp_path / "places.gpkg")
    found = joined(tmp_path, [left, right], path="places.gpkg")
    assert sum(count for count, _ in found.values()) == 2


def test_refused_samples_and_those_without_a_place_take_no_label(tmp_path):
    rows = [
        sample("kept", "EPSG:32632", 9.0, 50.0),
        sample("other", "EPSG:32632", 9.5, 50.0),
        sample("refused", "EPSG:32632", 9.0, 50.0, verdict="refused"),
        sample("nowhere", "EPSG:32632", 9.0, 50.0, crs=None, affine=None),
    ]
    (tmp_path / "places.csv").write_text(
        "longitude,latitude,label\n9.0,50.0,mine\n9.5,50,other\n10,10,mine\n"
    )
    found = joined(tmp_path, rows, path="places.csv")
    assert found == {"kept": (1, "mine"), "other": (1, "other")}
    about = read_place_target(tmp_path / "labels.parquet").about
    assert about["samples_without_place"] == 1
    assert (about["places"], about["places_in_samples"]) == (3, 2)


def test_equal_labels_are_equal_bytes_however_the_catalogue_is_cut(tmp_path, monkeypatch):
    rows = scattered(1, 60, *REGIONS["two zones"])
    (tmp_path / "places.csv").write_text(
        "longitude,latitude,label\n"
        + "".join(f"{row['longitude']},{row['latitude']},{row['crs'][-1]}\n" for row in rows)
    )
    joined(tmp_path, rows, path="places.csv")
    once = (tmp_path / "labels.parquet").read_bytes()
    monkeypatch.setattr("speckle2vec.evaluate.places.join.ROWS", 7)
    joined(tmp_path, rows, path="places.csv")
    assert (tmp_path / "labels.parquet").read_bytes() == once
    assert pq.read_table(tmp_path / "labels.parquet").column_names == [
        "id", "label", "block", "split", "labels",
    ]  # fmt: skip


def test_samples_that_hold_too_little_of_a_place_are_of_no_class(tmp_path, caplog):
    """Four side by side: a mine of 4 km lies in three, by 17, 66 and 17 %, and d is one itself."""
    first = sample("a", "EPSG:32632", 9.0, 50.0)
    rows = [{**first, "sample_id": name, "affine": list(first["affine"])} for name in "abcde"]
    for row, step in zip(rows, (0, 1, 2, 4, 5), strict=True):
        row["affine"][2] += step * SIDE_M
    west, _, east, north = square(rows[1]).bounds
    mine = shapely.box(west - 680, north - 1000, east + 680, north)
    frame = gpd.GeoDataFrame(
        {"label": ["mine"] * 2}, geometry=[mine, square(rows[3])], crs="EPSG:32632"
    )
    frame.to_file(tmp_path / "places.gpkg")
    found = joined(tmp_path, rows, path="places.gpkg", elsewhere="none")
    assert found == {"a": (0, None), "b": (1, "mine"), "c": (0, None), "d": (1, "mine"),
                     "e": (0, "none")}, "e only touches d"  # fmt: skip
    target = read_place_target(tmp_path / "labels.parquet")
    assert target.labelled["id"].to_pylist() == ["b", "d", "e"]
    assert target.about["samples_below_share"] == 2
    assert target.about["samples_of_several_classes"] == 0
    assert "2 samples share less than `share` (0.5) with a place and hold none" in caplog.text
    lower = joined(tmp_path, rows, path="places.gpkg", elsewhere="none", share=0.1)
    assert [lower[name] for name in "ace"] == [(1, "mine"), (1, "mine"), (0, "none")]
