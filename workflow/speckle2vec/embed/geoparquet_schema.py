"""What a GeoParquet of embeddings says of itself: its columns and its metadata."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyproj
import shapely

from speckle2vec.products.embeddings import WIDTH
from speckle2vec.products.encoders import digest_of
from speckle2vec.settings.root import Settings

CONVENTION = "0.0.1"
TOLD = ("id", "corpus", "shard", "longitude", "latitude", "dates", "split")
EDGES = ("xmin", "ymin", "xmax", "ymax")
BBOX = pa.struct([pa.field(name, pa.float64()) for name in EDGES])


def geoparquet_schema(
    told: pa.Schema, shapes: npt.NDArray[Any], about: Mapping[str, Any]
) -> pa.Schema:
    """Columns of the file, with what GeoParquet and the convention want of its metadata.

    Args:
        told: Schema of the exported embeddings, for the columns `TOLD`.
        shapes: Outlines of the samples, missing where there is no position.
        about: What stands under `emb`, by `about_chips`.
    """
    metadata = {"geo": json.dumps(_geo(shapes), sort_keys=True),
                "emb": json.dumps(about, sort_keys=True)}  # fmt: skip
    return pa.schema(
        [
            *(told.field(name) for name in TOLD),
            pa.field("bbox", BBOX),
            pa.field("geometry", pa.binary()),
            pa.field("embedding", pa.list_(pa.float32(), WIDTH)),
        ],
        metadata=metadata,
    )


def _geo(shapes: npt.NDArray[Any]) -> dict[str, Any]:
    """The `geo` metadata of GeoParquet 1.1."""
    known = shapes[~shapely.is_missing(shapes)]
    column = {
        "encoding": "WKB",
        "geometry_types": sorted({str(kind) for kind in _kinds(known)}),
        "crs": pyproj.CRS("OGC:CRS84").to_json_dict(),
        "covering": {"bbox": {name: ["bbox", name] for name in EDGES}},
    }
    if len(known):
        column["bbox"] = shapely.total_bounds(known).tolist()
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}


def _kinds(shapes: npt.NDArray[Any]) -> list[str]:
    names = {3: "Polygon", 6: "MultiPolygon"}
    return [names[int(kind)] for kind in np.unique(shapely.get_type_id(shapes))]


def about_chips(settings: Settings, places: pa.Table, encoder: Path) -> dict[str, Any]:
    """What the geo-embeddings convention asks of embeddings of chips.

    Args:
        settings: All settings; the default model's name counts.
        places: The samples, of which `corpus` is read.
        encoder: The encoder that made the embeddings, for its digest.
    """
    model = settings.model
    link = {
        "rel": "emb:model",
        "href": f"models/{model.path}/encoder.safetensors",
        "title": f"{model.encoder} on {model.features}, pretrained by {model.method}",
        "sha256": digest_of(encoder),
    }
    return {
        "version": CONVENTION,
        "type": "chip",
        "dimensions": WIDTH,
        "data_type": "float32",
        "quantization": {"method": "none", "original_dtype": "float32"},
        "temporal_resolution": "multi_temporal",
        "column": "embedding",
        "corpora": sorted(pc.unique(places["corpus"]).to_pylist()),
        "links": [link],
    }
