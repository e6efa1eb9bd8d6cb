import hashlib
import math

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speckle2vec.products.splits import Placement, place, place_by_name, split_of_block
from speckle2vec.settings.stages import Splits

SPLITS = Splits(block_km=25, buffer_km=2)
TO_PLANE = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:6933", always_xy=True)
TO_DEGREES = pyproj.Transformer.from_crs("EPSG:6933", "EPSG:4326", always_xy=True)
POSITIONS = st.lists(
    st.tuples(st.floats(-180, 180), st.floats(-84, 84)), min_size=2, max_size=30
).map(lambda pairs: np.array(pairs).T)


def reference(longitude, latitude, splits, seed):
    """One position after the other: the ground distance to squares around, on a sphere."""
    x, y = TO_PLANE.transform(longitude, latitude)
    side, buffer = splits.block_km * 1000, splits.buffer_km * 1000
    column, row = math.floor(x / side), math.floor(y / side)

    def split(c, r):
        digest = hashlib.sha256(f"{seed}/split/{c}/{r}".encode()).digest()[:8]
        chance = (int.from_bytes(digest, "big") >> 1) / 2**63
        if chance < splits.train:
            return "train"
        return "validation" if chance < splits.train + splits.validation else "test"

    stretch = math.cos(math.radians(30)) / math.cos(math.radians(latitude))
    nearest = math.inf
    for c in range(column - 3, column + 4):
        for r in range(row - 3, row + 4):
            if split(c, r) != split(column, row):
                east = max(c * side - x, 0, x - (c + 1) * side) / stretch
                north = max(r * side - y, 0, y - (r + 1) * side) * stretch
                nearest = min(nearest, math.hypot(east, north))
    return f"{column}_{row}", split(column, row), nearest, buffer


def test_the_vectorised_rule_is_the_plain_one():
    random = np.random.default_rng(1)
    longitude, latitude = random.uniform(-170, 170, 400), random.uniform(-75, 75, 400)
    found = place(longitude, latitude, SPLITS, 42)
    checked = 0
    for position in zip(longitude, latitude, found.blocks, found.splits, strict=True):
        lon, lat, block, split = position
        expected_block, own, nearest, buffer = reference(lon, lat, SPLITS, 42)
        assert block == expected_block
        # The reference is a sphere: within 1 % of the edge it need not agree.
        if abs(nearest - buffer) > 0.01 * buffer:
            assert split == ("buffer" if nearest < buffer else own)
            checked += 1
    assert checked > 390
    assert {"train", "validation", "test", "buffer"} == set(found.splits)


@settings(max_examples=40, deadline=None)
@given(POSITIONS, st.integers(0, 2**32))
def test_a_new_shard_moves_no_old_sample(positions, seed):
    half = positions.shape[1] // 2
    old = place(*positions[:, :half], SPLITS, seed)
    both = place(*positions, SPLITS, seed)
    assert both.blocks[:half] == old.blocks
    assert both.splits[:half] == old.splits


def test_shares_are_met_and_seeds_differ():
    shares = [split_of_block(c, r, 0.7, 0.1, 42) for c in range(60) for r in range(60)]
    assert shares.count("train") / 3600 == pytest.approx(0.7, abs=0.03)
    assert shares.count("validation") / 3600 == pytest.approx(0.1, abs=0.02)
    other = [split_of_block(c, r, 0.7, 0.1, 43) for c in range(60) for r in range(60)]
    assert other != shares


@pytest.mark.parametrize("share", ["train", "validation", "test"])
def test_one_share_of_everything_leaves_no_buffer(share):
    alone = {"train": 0, "validation": 0, "test": 0} | {share: 1}
    splits = Splits(buffer_km=20, **alone)
    random = np.random.default_rng(0)
    found = place(random.uniform(-180, 180, 50), random.uniform(-80, 80, 50), splits, 1)
    assert set(found.splits) == {share}


def test_no_buffer_and_a_wide_one():
    random = np.random.default_rng(0)
    where = random.uniform(-180, 180, 200), random.uniform(-60, 60, 200)
    assert "buffer" not in place(*where, Splits(buffer_km=0), 42).splits
    # Wider than the block itself: next to every block lies one of another split.
    assert set(place(*where, Splits(buffer_km=150), 42).splits) == {"buffer"}


@pytest.mark.parametrize("latitude", [0.0, 30.0, 60.0])
def test_the_buffer_is_measured_on_the_ground(latitude):
    """Eastwards from the edge of a block, on the geodesic of the ellipsoid."""
    splits = Splits(block_km=25, buffer_km=5)
    _, y = TO_PLANE.transform(0, latitude)
    row = math.floor(y / 25_000)
    column = next(c for c in range(-500, 500) if _alone_on_one_side(c, row))
    edge = TO_DEGREES.transform((column + 1) * 25_000, (row + 0.5) * 25_000)
    geod = pyproj.Geod(ellps="WGS84")
    for distance, split in ((4950, "buffer"), (5050, _split(column, row))):
        lon, lat, _ = geod.fwd(*edge, 270, distance)
        assert place(np.array([lon]), np.array([lat]), splits, 42).splits == [split]


def _alone_on_one_side(column, row):
    """The block to the east is of another split, all others around of the same."""
    around = {_split(column + c, row + r) for c in (-1, 0) for r in (-1, 0, 1)}
    return around == {_split(column, row)} and _split(column + 1, row) not in around


def _split(column, row):
    return split_of_block(column, row, SPLITS.train, SPLITS.validation, 42)


def test_the_antimeridian_is_no_edge_of_the_world():
    """Somewhere both sides differ: then positions just off 180 degrees are in the buffer."""
    latitude = np.linspace(-60, 60, 241)
    east = place(np.full(241, 179.9999), latitude, Splits(buffer_km=0), 42).splits
    west = place(np.full(241, -179.9999), latitude, Splits(buffer_km=0), 42).splits
    buffered = place(np.full(241, 179.9999), latitude, Splits(buffer_km=1), 42).splits
    differ = [one != other for one, other in zip(east, west, strict=True)]
    assert any(differ)
    assert all(buffered[at] == "buffer" for at, here in enumerate(differ) if here)


def test_blocks_of_positions_without_number_are_not_asked_for():
    found = place(np.array([]), np.array([]), SPLITS, 42)
    assert found.blocks == []
    assert found.splits == []


@pytest.mark.parametrize("turn", [1, -1])
def test_places_are_split_by_name_and_the_longest_glob_counts(turn):
    globs = [("Ghana_1*", "validation"), ("Ghana_*", "train"), ("Spain_*", "test"), ("G*", "test")]
    splits = Splits(places=dict(globs[::turn]))
    names = ["Ghana_2", "Ghana_11", "Spain_2", "India_1", "ghana_2"]
    own = Placement([f"{row}_0" for row in range(5)], ["buffer", "test", "train", "train", "test"])
    blocks, found = place_by_name(names, own, splits)
    assert found == ["train", "validation", "test", "train", "test"]
    assert blocks == ["Ghana_*", "Ghana_1*", "Spain_*", "3_0", "4_0"]
    assert place_by_name(names, own, SPLITS) == own
    assert place_by_name([], Placement([], []), splits) == Placement([], [])
