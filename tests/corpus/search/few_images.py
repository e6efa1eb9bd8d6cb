"""A few images as columns, made of what the test at hand cares about."""

import shapely

from speckle2vec.corpus.search.images import Images, columns, to_table
from speckle2vec.corpus.search.item_grid import EMPTY_BOUNDS
from speckle2vec.corpus.search.items import Image


def image(
    item="a", time_ms=0, platform="sentinel-1a", made_ms=0, epsg=32633, bounds=EMPTY_BOUNDS,
    outline=None,
) -> Image:  # fmt: skip
    """One usable image; its outline is a geometry in degrees, or none."""
    wkb = shapely.to_wkb(outline) if outline is not None else b""
    return Image(
        item, "", time_ms, platform, "", "", "", None, None, epsg, made_ms, bounds, wkb, "{}"
    )


def images_of(*told) -> Images:
    """Images as columns, in the order given."""
    return columns(to_table(told))
