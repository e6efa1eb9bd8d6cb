"""One GeoTIFF, local or remote, and the date that a tag of it holds."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import rasterio

from speckle2vec.errors import UserError
from speckle2vec.readers.archives import damage_told, open_binary
from speckle2vec.readers.locations import is_url
from speckle2vec.readers.patterns import RasterFile, check_unique, iso_date


@contextmanager
def open_raster(location: str) -> Iterator[rasterio.DatasetReader]:
    """Open one file, local or remote.

    Raises:
        UserError: It is missing or damaged, also where that shows only while reading.
    """
    with open_binary(location) as file, damage_told(location):
        source = file if is_url(location) else location
        with rasterio.open(source) as raster:
            yield raster


def dated_by_tag(files: Sequence[RasterFile], tag: str | None) -> list[RasterFile]:
    """The files with the dates their tags hold; a date in a name counts before that.

    Args:
        files: Files by what their names say.
        tag: Name of the tag; none where only names count.

    Raises:
        UserError: A file cannot be read, lacks the tag, or two are of one place, date and band.
    """
    if tag is None:
        return list(files)
    dated = [file if file.date else file._replace(date=_date(file, tag)) for file in files]
    check_unique(dated)
    return dated


def _date(file: RasterFile, tag: str) -> str:
    with open_raster(file.location) as raster:
        tags = raster.tags()
    if tag not in tags:
        known = ", ".join(sorted(tags)) or "none"
        raise UserError(f"{file.location}: has no tag {tag!r} that holds its date; it has {known}.")
    return iso_date(file.location, tags[tag], "`date_tag`")
