"""Which shards a user's own GeoTIFFs make: names only, nothing is opened.

Imported while the Snakefile is read: no geospatial library and no Zarr from here.
"""

from collections.abc import Sequence

from speckle2vec.errors import UserError
from speckle2vec.readers.chosen import Listing
from speckle2vec.readers.grouping import group_places
from speckle2vec.readers.locations import find_files
from speckle2vec.readers.patterns import RasterFile, check_unique, parse_names
from speckle2vec.settings.geotiff import GeotiffCorpus


def list_stacks(corpus: str, declared: GeotiffCorpus, root: str) -> Listing:
    """Shards that a user's GeoTIFFs make, so many places each.

    Args:
        corpus: Its name, to say in errors.
        declared: Its settings.
        root: Where the files lie.

    Raises:
        UserError: No name matches the pattern, or two files claim the same image.
    """
    names = find_files(root, declared.files)
    files = parse_names(root, names, declared)
    if not files:
        raise UserError(
            f"{root}: holds no file of corpus {corpus!r}: `files` {declared.files!r} found "
            f"{len(names)}, and `pattern` {declared.pattern!r} with `bands` "
            f"{dict(declared.bands)} matches none of them{_example(names)}."
        )
    if declared.date_tag is None:
        check_unique(files)
    return _group(files, declared.places_per_shard)


def _example(names: Sequence[str]) -> str:
    return f", such as {names[0]!r}" if names else ""


def _group(files: Sequence[RasterFile], places_per_shard: int) -> Listing:
    places: dict[str, list[str]] = {}
    for file in files:
        places.setdefault(file.place, []).append(file.location)
    return {
        shard: tuple(sorted(path for place in group for path in places[place]))
        for shard, group in group_places(places, places_per_shard).items()
    }
