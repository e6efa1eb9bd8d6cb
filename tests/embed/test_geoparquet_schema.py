"""What a GeoParquet of embeddings says of itself."""

import hashlib
import json

import numpy as np
import pyarrow as pa
import pyproj
import shapely

from speckle2vec.embed.geoparquet_schema import TOLD, about_chips, geoparquet_schema
from speckle2vec.settings.load import parse_settings

PLACES = pa.table({name: pa.array(["b", "a", "b"]) for name in TOLD})
SQUARE = shapely.box(10, 46, 11, 47)


def geo(shapes):
    schema = geoparquet_schema(PLACES.schema, np.array(shapes, dtype=object), {"version": "x"})
    assert json.loads(schema.metadata[b"emb"]) == {"version": "x"}
    return json.loads(schema.metadata[b"geo"])["columns"]["geometry"]


def test_the_outlines_tell_their_kinds_and_extent():
    pair = shapely.MultiPolygon([shapely.box(-180, 0, -179, 1), shapely.box(179, 0, 180, 1)])
    column = geo([SQUARE, None, pair])
    assert column["geometry_types"] == ["MultiPolygon", "Polygon"]
    assert column["bbox"] == [-180, 0, 180, 47]
    assert pyproj.CRS.from_json_dict(column["crs"]).equals(pyproj.CRS("OGC:CRS84"))


def test_samples_without_position_have_no_extent():
    column = geo([None, None])
    assert column["geometry_types"] == []
    assert "bbox" not in column


def test_embeddings_come_last_and_keep_their_width():
    schema = geoparquet_schema(PLACES.schema, np.array([SQUARE]), {})
    assert schema.names == [*TOLD, "bbox", "geometry", "embedding"]
    assert schema.field("embedding").type == pa.list_(pa.float32(), 1024)


def test_the_model_is_told_by_path_and_digest(tmp_path):
    encoder = tmp_path / "encoder.safetensors"
    encoder.write_bytes(b"weights")
    settings = parse_settings(
        {
            "corpora": {"c": {"source": "simulated"}},
            "model": {"features": "fusion", "method": "csf", "encoder": "resnet18"},
        },
        "test",
    )
    about = about_chips(settings, PLACES, encoder)
    assert about["corpora"] == ["a", "b"]
    (link,) = about["links"]
    assert link["href"] == "models/fusion/csf/resnet18/encoder.safetensors"
    assert link["title"] == "resnet18 on fusion, pretrained by csf"
    assert link["sha256"] == hashlib.sha256(b"weights").hexdigest()
