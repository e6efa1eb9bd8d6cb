"""Which shards a release of SSL4EO-S12 has: names only, nothing is opened.

Imported while the Snakefile is read: no geospatial library and no Zarr from here.
"""

import re

from speckle2vec.errors import UserError
from speckle2vec.readers.chosen import Listing, chosen
from speckle2vec.readers.locations import find_files
from speckle2vec.settings.corpora import Ssl4eoCorpus

SUFFIXES = (".zarr.zip", ".tar")
_LAST_DIGITS = re.compile(r"(\d+)\D*$")


def list_published(corpus: str, declared: Ssl4eoCorpus, root: str) -> Listing:
    """Shards of SSL4EO-S12 that have Sentinel-1, sorted by name.

    Args:
        corpus: Its name, to say in errors.
        declared: Its settings.
        root: Where the release lies.

    Raises:
        UserError: A folder is missing, two files claim a shard, or none is asked for.
    """
    found: dict[str, str] = {}
    for folder in declared.folders:
        found |= published_files(root, folder, "S1GRD")
    kept: Listing = {
        name: (found[name],) for name in sorted(found) if chosen(name, declared.shards)
    }
    if not kept:
        folders = ", ".join(declared.folders)
        raise UserError(
            f"{root}: holds no shard of corpus {corpus!r}: of the {len(found)} files "
            f"({'|'.join(SUFFIXES)}) in S1GRD of {folders} none matches {declared.shards!r}; "
            "correct `path`, `folders` or `shards`."
        )
    return kept


def published_files(root: str, folder: str, modality: str) -> dict[str, str]:
    """Shards of one folder of SSL4EO-S12 and the file each has of a modality.

    Args:
        root: Where the release lies.
        folder: `train` or `val`.
        modality: `S1GRD` or `S2L2A`.

    Raises:
        UserError: There is no such folder, or two files claim the same shard.
    """
    below, found = f"{root}/{folder}/{modality}", dict[str, str]()
    for name in find_files(below, "*"):
        if name.endswith(SUFFIXES):
            _add(found, _published_name(folder, name), f"{below}/{name}")
    return found


def _published_name(folder: str, file: str) -> str:
    stem = next(file.removesuffix(suffix) for suffix in SUFFIXES if file.endswith(suffix))
    digits = _LAST_DIGITS.search(stem)
    return f"{folder}-{digits[1] if digits else stem}"


def _add(found: dict[str, str], name: str, location: str) -> None:
    if name in found:
        raise UserError(
            f"{location}: is shard {name} just as {found[name]} is; keep one release, or one of "
            "the two files, in that folder."
        )
    found[name] = location
