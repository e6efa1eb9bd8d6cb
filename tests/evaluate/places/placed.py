"""A catalogue of samples that lie somewhere, for the tests of labelled places."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from speckle2vec.products.catalogue import SCHEMA
from speckle2vec.settings.load import parse_settings

SIDE, PIXEL = 264, 10.0


def moved(source, target, x, y):
    return pyproj.Transformer.from_crs(source, target, always_xy=True).transform(x, y)


def sample(name, system, longitude, latitude, pixel=PIXEL, **changes):
    """A row of the catalogue, centred on a place."""
    x, y = moved("EPSG:4326", system, longitude, latitude)
    half = SIDE * pixel / 2
    return {
        **dict.fromkeys(SCHEMA.names), "sample_id": name, "corpus": "made", "shard": "one",
        "row": 0, "place": name, "longitude": longitude, "latitude": latitude, "crs": system,
        "affine": [pixel, 0.0, float(x - half), 0.0, -pixel, float(y + half)], "height": SIDE,
        "width": SIDE, "block": f"{name}_0", "split": "train", "verdict": "accepted", "reason": "",
        **changes,
    }  # fmt: skip


def scattered(seed, count, zones, longitude, latitude):
    """Samples around a meridian, each in one of the zones."""
    random = np.random.default_rng(seed)
    return [
        sample(
            f"s{row:03d}", zones[row % len(zones)],
            (longitude + random.uniform(-0.25, 0.25) + 180) % 360 - 180,
            latitude + random.uniform(-0.1, 0.1),
        )
        for row in range(count)
    ]  # fmt: skip


def write_rows(rows, path):
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path)
    return path


def square(row):
    """The footprint of a sample in its own system."""
    _, _, west, _, step, north = row["affine"]
    return shapely.box(west, north + step * row["height"], west - step * row["width"], north)


def settings_of(folder, **places):
    return parse_settings(
        {"corpora": {"made": {"source": "simulated"}}, "data": str(folder),
         "places": {"mines": places}}, "test",
    )  # fmt: skip
