"""The embeddings as GeoParquet."""

import json
from datetime import datetime

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import pytest
import shapely

from speckle2vec.embed import geoparquet
from speckle2vec.embed.export import export_embeddings
from speckle2vec.embed.geoparquet import write_geoparquet
from speckle2vec.embed.outlines import hilbert_order, outlines
from speckle2vec.errors import UserError
from speckle2vec.products.catalogue import SCHEMA
from speckle2vec.products.embeddings import write_embeddings
from speckle2vec.products.keys import ShardKey
from speckle2vec.settings.load import parse_settings

COUNT = 70
SETTINGS = parse_settings({"corpora": {"c": {"source": "simulated"}}}, "test")
KEYS = (ShardKey("c", "a"), ShardKey("c", "b"))


def placed(row):
    """A sample of 264 x 264 pixels of 10 m; the last one nobody knows the place of."""
    random = np.random.default_rng(row)
    x, y = random.uniform(3e5, 7e5), random.uniform(5.0e6, 5.6e6)
    known = {"crs": "EPSG:32632", "affine": [10.0, 0.0, x, 0.0, -10.0, y]}
    place = known if row < COUNT - 1 else {"longitude": None, "latitude": None}
    return {
        **dict.fromkeys(SCHEMA.names), "sample_id": f"s{row:02d}", "corpus": "c",
        "shard": KEYS[row // 40].shard, "row": row, "place": f"s{row:02d}", "longitude": 10.0,
        "latitude": 47.0, "dates": [datetime(2021, 1, 1), datetime(2021, 5, 1)], "height": 264,
        "width": 264, "split": "train", "verdict": "accepted", "reason": "", **place,
    }  # fmt: skip


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.setattr(geoparquet, "ROWS_TOGETHER", 16)
    rows = [placed(row) for row in range(COUNT)]
    values = np.random.default_rng(0).normal(size=(COUNT, 1024)).astype(np.float32)
    for key, part in zip(KEYS, (slice(0, 40), slice(40, COUNT)), strict=True):
        names = [row["sample_id"] for row in rows[part]]
        write_embeddings(key.part(tmp_path, ".parquet"), names, values[part], {})
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), tmp_path / "catalogue.parquet")
    paths = [tmp_path / name for name in ("catalogue.parquet", "e.csv", "e.parquet")]
    export_embeddings(KEYS, paths[0], tmp_path, *paths[1:])
    (tmp_path / "encoder.safetensors").write_bytes(b"weights")
    return tmp_path, values


def write(folder, name="e.geoparquet"):
    write_geoparquet(SETTINGS, folder / "e.parquet", folder / "catalogue.parquet",
                     folder / "encoder.safetensors", folder / name)  # fmt: skip
    return folder / name


def test_geopandas_reads_the_same_embeddings_where_they_are(made):
    folder, values = made
    frame = geopandas.read_parquet(write(folder))
    assert frame.crs.equals(pyproj.CRS("OGC:CRS84"))
    rows = frame["id"].str[1:].astype(int)
    assert sorted(rows) == list(range(COUNT))
    np.testing.assert_array_equal(np.stack(frame["embedding"]), values[rows])
    assert frame["id"].iloc[-1] == f"s{COUNT - 1}"
    assert frame.geometry.iloc[-1] is None
    known = frame.iloc[:-1].to_crs("EPSG:32632")
    for row, shape in zip(rows, known.geometry, strict=False):
        x, y = placed(row)["affine"][2], placed(row)["affine"][5]
        square = shapely.box(x, y - 2640, x + 2640, y)
        assert shapely.hausdorff_distance(shape, square) < 0.01
        assert shapely.is_ccw(shapely.get_exterior_ring(shape))
    assert list(frame["dates"].iloc[0]) == [
        np.datetime64("2021-01-01"),
        np.datetime64("2021-05-01"),
    ]


def test_near_samples_stand_side_by_side(made):
    folder, _ = made
    frame = geopandas.read_parquet(write(folder)).iloc[:-1]
    centres = frame.geometry.to_crs("EPSG:32632").centroid
    steps = centres.distance(centres.shift()).mean()
    shuffled = centres.sample(frac=1, random_state=0)
    assert steps < 0.4 * shuffled.distance(shuffled.shift(), align=False).mean()


def test_a_box_needs_few_row_groups(made):
    """The covering is true, and readers may leave row groups out by it."""
    folder, _ = made
    path = write(folder)
    whole = geopandas.read_parquet(path)
    west, south, east, north = whole.geometry.iloc[3].bounds
    boxed = geopandas.read_parquet(path, bbox=(west, south, east, north))
    meets = whole[whole.intersects(shapely.box(west, south, east, north))]
    assert set(boxed["id"]) == set(meets["id"])
    with pq.ParquetFile(path) as file:
        assert [file.metadata.row_group(at).num_rows for at in range(5)] == [16, 16, 16, 16, 6]
        boxes = file.read(["bbox", "geometry"]).to_pylist()
        names = file.schema.names
        column = names.index("xmin")
        least = [file.metadata.row_group(at).column(column).statistics.min for at in range(5)]
        assert file.metadata.row_group(0).column(column).compression == "ZSTD"
    assert len(set(least)) == 5
    for row in boxes[:-1]:
        bounds = shapely.from_wkb(row["geometry"]).bounds
        assert tuple(row["bbox"][edge] for edge in ("xmin", "ymin", "xmax", "ymax")) == bounds
    assert boxes[-1] == {"bbox": None, "geometry": None}


def test_the_metadata_say_what_it_is(made):
    folder, _ = made
    metadata = pq.read_schema(write(folder)).metadata
    about = json.loads(metadata[b"emb"])
    assert {name: about[name] for name in ("type", "dimensions", "data_type")} == {
        "type": "chip", "dimensions": 1024, "data_type": "float32",
    }  # fmt: skip
    assert about["quantization"]["method"] == "none"
    (link,) = about["links"]
    assert link["rel"] == "emb:model"
    assert link["href"] == "models/sar-temporal/simclr/cnn-transformer/encoder.safetensors"
    geo = json.loads(metadata[b"geo"])
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geometry")
    column = geo["columns"]["geometry"]
    assert column["geometry_types"] == ["Polygon"]
    assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]


def test_the_bytes_repeat(made):
    folder, _ = made
    assert write(folder).read_bytes() == write(folder, "again").read_bytes()


def test_what_crosses_the_antimeridian(made):
    x, y = 830_000.0, 5_000.0  # 179.97 degrees east, on the equator
    grids = pa.Table.from_pylist([
        {"crs": "EPSG:32660", "affine": [10.0, 0.0, x, 0.0, -10.0, y], "height": 264, "width": 999},
        {"crs": "EPSG:32601", "affine": [10.0, 0.0, 5e5, 0.0, -10.0, y], "height": 264, "width": 9},
        {"crs": None, "affine": None, "height": None, "width": None},
    ])  # fmt: skip
    across, here, nowhere = outlines(grids)
    assert nowhere is None
    assert across.geom_type == "MultiPolygon"
    assert here.geom_type == "Polygon"
    assert across.bounds[0] == -180
    assert across.bounds[2] == 180
    assert sum(part.bounds[2] - part.bounds[0] for part in across.geoms) < 0.1
    assert hilbert_order(np.array([nowhere, across, here], object))[-1] == 0


def test_what_is_wrong_is_a_sentence(made):
    folder, _ = made
    catalogue = pq.read_table(folder / "catalogue.parquet")
    pq.write_table(catalogue.slice(1), folder / "catalogue.parquet")
    with pytest.raises(UserError, match="does not accept s00, which has an embedding"):
        write(folder)
    (folder / "e.parquet").write_text("id,0,1")
    with pytest.raises(UserError, match="no table of embeddings"):
        write(folder)
    assert not list(folder.glob("*geoparquet*"))
    assert not list(folder.glob(".*geoparquet*"))


def test_another_width_is_a_sentence(made):
    folder, _ = made
    table = pq.read_table(folder / "e.parquet")
    narrow = pa.FixedSizeListArray.from_arrays(pa.array(np.ones(COUNT * 8, np.float32)), 8)
    at = table.schema.get_field_index("embedding")
    pq.write_table(table.set_column(at, "embedding", narrow), folder / "e.parquet")
    with pytest.raises(UserError, match=r"its embeddings are .*\[8\], and not .*\[1024\]"):
        write(folder)
    pq.write_table(table.drop(["split"]), folder / "e.parquet")
    with pytest.raises(UserError, match="it has no column split"):
        write(folder)


def test_a_missing_encoder_is_a_sentence(made):
    folder, _ = made
    (folder / "encoder.safetensors").unlink()
    with pytest.raises(UserError, match=r"encoder\.safetensors: is missing"):
        write(folder)
