import json

import geopandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from speckle2vec.errors import UserError
from speckle2vec.products.geoparquet import geo
from speckle2vec.products.parquet import about_of, read_table, told, write_table

TABLE = pa.table({"id": ["a", "b"], "value": [1.0, 2.0]})


def test_a_table_comes_back_with_what_it_means(tmp_path):
    about = {"units": "dB", "classes": ["a", "b"]}
    write_table(TABLE.replace_schema_metadata(told(about)), tmp_path / "t.parquet")
    found = read_table(tmp_path / "t.parquet")
    assert found.equals(TABLE)
    assert about_of(found.schema) == about
    assert read_table(tmp_path / "t.parquet", ["value"]).column_names == ["value"]


def test_the_same_meaning_is_the_same_bytes_in_any_order(tmp_path):
    for name, about in (("a", {"x": 1, "y": 2}), ("b", {"y": 2, "x": 1})):
        write_table(TABLE.replace_schema_metadata(told(about)), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_options_reach_the_file(tmp_path):
    write_table(TABLE, tmp_path / "t", compression="none", row_group_size=1)
    footer = pq.read_metadata(tmp_path / "t")
    assert footer.num_row_groups == 2
    assert footer.row_group(0).column(0).compression == "UNCOMPRESSED"


def test_metadata_of_others_say_nothing():
    for metadata in (None, {b"pandas": b"{}"}):
        with pytest.raises((LookupError, TypeError)):
            about_of(TABLE.replace_schema_metadata(metadata).schema)


@pytest.mark.parametrize("bytes_", [b"", b"PAR1", b"PAR1" + bytes(100) + b"PAR1"])
def test_a_damaged_file_is_refused(tmp_path, bytes_):
    (tmp_path / "t").write_bytes(bytes_)
    with pytest.raises(UserError, match="is missing or damaged"):
        read_table(tmp_path / "t")


def test_geopandas_reads_the_geometry(tmp_path):
    points = shapely.to_wkb(shapely.points([[11.0, 48.0], [180.0, -90.0]]))
    table = TABLE.append_column("geometry", pa.array(points, pa.binary()))
    write_table(table.replace_schema_metadata(geo("Point")), tmp_path / "t.parquet")
    read = geopandas.read_parquet(tmp_path / "t.parquet")
    assert read.crs.to_epsg() == 4326
    assert list(read.geometry.x) == [11.0, 180.0]
    assert json.loads(geo()[b"geo"])["columns"]["geometry"]["geometry_types"] == []
