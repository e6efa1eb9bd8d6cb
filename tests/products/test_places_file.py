import json

import geopandas
import numpy as np
import pyarrow.parquet as pq
import pytest

from speckle2vec.errors import UserError
from speckle2vec.products.places import (
    place_name,
    read_drawing,
    read_places,
    write_places,
)

POSITIONS = np.array([(10.5, 50.25), (-179.9999999, -59.5), (0.0, 0.0)])
STRATA = np.array(["A", "", "B"], dtype=object)
SHARDS = np.array(["train-000001", "train-000001", "train-000002"])


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "deep" / "places.parquet"
    write_places(path, POSITIONS, STRATA, SHARDS, {"seed": 7})
    return path


def test_places_come_back_in_their_order(path):
    table = read_places(path)
    assert table.column_names == ["place", "longitude", "latitude", "stratum", "shard"]
    assert table["place"].to_pylist() == ["0000001", "0000002", "0000003"]
    np.testing.assert_array_equal(table["longitude"].to_numpy(), POSITIONS[:, 0])
    np.testing.assert_array_equal(table["latitude"].to_numpy(), POSITIONS[:, 1])
    assert table["stratum"].to_pylist() == STRATA.tolist()
    assert read_drawing(path) == {"seed": 7}
    assert place_name(1234567) == "1234567"


def test_one_shard_alone(path):
    assert read_places(path, "train-000001")["place"].to_pylist() == ["0000001", "0000002"]
    with pytest.raises(UserError, match="holds no place of shard train-000003"):
        read_places(path, "train-000003")


def test_equal_places_are_equal_bytes(path, tmp_path):
    write_places(tmp_path / "again.parquet", POSITIONS, STRATA, SHARDS, {"seed": 7})
    assert (tmp_path / "again.parquet").read_bytes() == path.read_bytes()


def test_other_readers_see_points(path):
    frame = geopandas.read_parquet(path)
    assert frame.crs.to_epsg() == 4326
    np.testing.assert_array_equal(frame.get_coordinates().to_numpy(), POSITIONS)
    geo = json.loads(pq.read_schema(path).metadata[b"geo"])
    assert geo["columns"]["geometry"]["geometry_types"] == ["Point"]


def test_a_damaged_file_is_told(tmp_path):
    path = tmp_path / "places.parquet"
    for read in (read_places, read_drawing):
        with pytest.raises(UserError, match="is missing, damaged or no file of places"):
            read(path)
    path.write_bytes(b"PAR1 half")
    for read in (read_places, read_drawing):
        with pytest.raises(UserError, match="make it with `speckle2vec draw-places`"):
            read(path)
