"""Tiny OpenStreetMap files of known geometry, and catalogues of samples around them."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import osmium
import osmium.osm.mutable as mutable
import pyarrow as pa
import pyproj
import pytest
import shapely

from speckle2vec.corpus.osm.extract import extract_features
from speckle2vec.corpus.osm.rasters import draw_layers
from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.osm_features import read_features
from speckle2vec.settings.load import parse_settings

CRS, SIDE, PIXEL = "EPSG:32633", 64, 10.0
WEST, NORTH = 500_000.0, 5_320_000.0
"""Upper left corner of the first sample, metres."""


@dataclass
class Extract:
    """An extract in the making; positions are metres from the first sample's upper left corner."""

    nodes: list = field(default_factory=list)
    ways: list = field(default_factory=list)
    relations: list = field(default_factory=list)
    crs: str = CRS

    def node(self, x, y, **tags):
        there = pyproj.Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)
        place = there.transform(WEST + x, NORTH - y)
        number = len(self.nodes) + 1
        self.nodes.append(mutable.Node(id=number, version=1, location=place, tags=tags))
        return number

    def way(self, *points, closed=False, number=None, tags=None, **more):
        """A way through points (x, y), or through nodes that are there."""
        refs = [one if isinstance(one, int) else self.node(*one) for one in points]
        refs += refs[:1] if closed else []
        number = number or len(self.ways) + 1
        self.ways.append(
            mutable.Way(id=number, version=3, nodes=refs, tags={**(tags or {}), **more})
        )
        return number

    def square(self, x, y, side, **tags):
        corners = (x, y), (x + side, y), (x + side, y + side), (x, y + side)
        return self.way(*corners, closed=True, **tags)

    def multipolygon(self, members, **tags):
        number = len(self.relations) + 1
        told = [("w", way, role) for way, role in members]
        tags = {"type": "multipolygon", **tags}
        self.relations.append(mutable.Relation(id=number, version=2, members=told, tags=tags))
        return number

    def write(self, path, box=(14.5, 47.5, 15.5, 48.5)):
        header = osmium.io.Header()
        if box:
            header.add_box(osmium.osm.Box(*box))
        with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
            for one in self.nodes:
                writer.add_node(one)
            for one in self.ways:
                writer.add_way(one)
            for one in self.relations:
                writer.add_relation(one)
        return path


@dataclass(frozen=True)
class Place:
    """A folder with an extract, a catalogue of samples, and the products made of them."""

    folder: Path
    corpus: str = "tiny"

    def write_samples(self, corners=((0, 0),), shard="train-000001", crs=CRS, pixel=PIXEL,
                      side=SIDE):  # fmt: skip
        """Samples by their upper left corners, metres (x to the east, y to the south)."""
        rows = [
            sample(f"{shard[-1]}_{row}", row, WEST + x, NORTH - y, crs, pixel, side)
            for row, (x, y) in enumerate(corners)
        ]
        return self.write_rows(rows, shard)

    def write_rows(self, rows, shard="train-000001"):
        key = ShardKey(self.corpus, shard)
        rows = [{**row, "corpus": key.corpus, "shard": key.shard} for row in rows]
        refused = {**rows[-1], "sample_id": "refused", "verdict": "refused", "reason": "NaN"}
        table = pa.Table.from_pylist([*rows, refused], schema=SCHEMA)
        write_catalogue(table, key.part(self.folder / "catalogue", ".parquet"))
        return key

    def settings(self, path="tiny.osm.pbf", **osm):
        return parse_settings(
            {
                "data": str(self.folder),
                "corpora": {self.corpus: {"source": "simulated"}},
                "osm": {"path": str(path), **osm},
            },
            "test",
        )

    @property
    def features(self):
        return self.folder / "osm" / self.corpus / "features.parquet"

    def extract(self, keys, path="tiny.osm.pbf", **osm):
        """The features of all shards, one table a shard."""
        extract_features(self.settings(path, **osm), keys, self.folder / "catalogue", self.features)
        return [read_features(self.features, key.shard).to_pandas() for key in keys]

    def draw(self, key):
        output = key.part(self.folder / "osm", ".zarr.zip")
        draw_layers(key, key.part(self.folder / "catalogue", ".parquet"), self.features, output)
        return output


def sample(name, row, west, north, crs=CRS, pixel=PIXEL, side=SIDE):
    """A row of the catalogue."""
    there = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    longitude, latitude = there.transform(west + pixel * side / 2, north - pixel * side / 2)
    return {
        **dict.fromkeys(SCHEMA.names), "sample_id": name, "row": row, "place": f"place-{name}",
        "longitude": longitude, "latitude": latitude, "crs": crs, "height": side, "width": side,
        "affine": [pixel, 0.0, float(west), 0.0, -pixel, float(north)], "dates": [], "valid": 1.0,
        "block": "0_0", "split": "train", "verdict": "accepted", "reason": "",
    }  # fmt: skip


def metres(geometry, crs=CRS):
    """A geometry of the product in metres from the first sample's upper left corner, y down."""
    there = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    shape = shapely.from_wkb(geometry) if isinstance(geometry, bytes) else geometry

    def moved(points):
        x, y = there.transform(points[:, 0], points[:, 1])
        return np.column_stack([x - WEST, NORTH - y])

    return shapely.transform(shape, moved)


@pytest.fixture
def extract():
    return Extract()


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture(scope="session")
def place_in():
    return Place


@pytest.fixture
def in_metres():
    return metres


@pytest.fixture(scope="session")
def row_of_sample():
    return sample
