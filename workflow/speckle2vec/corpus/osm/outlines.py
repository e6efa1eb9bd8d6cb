"""The outlines of a corpus as a file, to cut a large OpenStreetMap extract by.

Python reads some ten thousand objects a second; `osmium extract` of the osmium tool cuts a
continent to what lies around the samples in minutes, which is then read in seconds.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import shapely

from speckle2vec.corpus.osm.patches import read_patches
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.whole import whole_file
from speckle2vec.settings.root import Settings


def write_outlines(
    settings: Settings, keys: Sequence[ShardKey], catalogue: Path, output: Path
) -> None:
    """Write what lies in and around all samples of a corpus as one GeoJSON feature, degrees.

    Args:
        settings: All settings; `osm.around` counts.
        keys: The shards of one corpus.
        catalogue: Where the parts of the catalogue are, `results/catalogue`.
        output: The product, `results/osm/{corpus}/outlines.geojson`.

    Raises:
        UserError: A part of the catalogue is missing or damaged.
    """
    patches = read_patches(keys, catalogue, settings.osm.around)
    whole = shapely.union_all(patches.outlines)
    parts = shapely.multipolygons(shapely.get_parts(whole))
    feature = {
        "type": "Feature",
        "properties": {"corpus": keys[0].corpus},
        "geometry": json.loads(str(shapely.to_geojson(parts))),
    }
    with whole_file(output) as target:
        target.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}) + "\n")
