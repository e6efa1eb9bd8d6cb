"""Which shards there are: names and files only, nothing is opened.

Imported while the Snakefile is read: no geospatial library and no Zarr from here.
"""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers import simulated
from speckle2vec.readers.cut import cut_shards
from speckle2vec.readers.grouping import group_places
from speckle2vec.readers.locations import find_files, locate
from speckle2vec.readers.patterns import RasterFile, check_unique, parse_names
from speckle2vec.settings.corpora import (
    AnyCorpus,
    GeotiffCorpus,
    Globs,
    SimulatedCorpus,
    Ssl4eoCorpus,
    StacCorpus,
)
from speckle2vec.settings.root import Settings

SUFFIXES = (".zarr.zip", ".tar")
_LAST_DIGITS = re.compile(r"(\d+)\D*$")
Listing = dict[str, tuple[str, ...]]


def list_shards(settings: Settings, corpus: str, made: Path) -> Listing:
    """Shards of a corpus, sorted by name, each with its raw Sentinel-1 files.

    Args:
        settings: All settings; relative paths of corpora start from `settings.data`.
        corpus: Name of the corpus.
        made: Folder in which the workflow writes simulated corpora.

    Returns:
        Shard name -> local paths or URLs.

    Raises:
        UserError: There is no such corpus or folder, nothing matches, the pattern is
            wrong, or two files claim the same place.
    """
    declared = declared_corpus(settings, corpus)
    if isinstance(declared, SimulatedCorpus | StacCorpus):
        return _made(declared, made / corpus)
    root = locate(settings.data, declared.path)
    if isinstance(declared, Ssl4eoCorpus):
        return _published(corpus, declared, root)
    return _stacks(corpus, declared, root)


def all_shards(settings: Settings, made: Path) -> tuple[ShardKey, ...]:
    """Keys of all shards: corpora in the order of the settings, shards sorted."""
    return tuple(
        ShardKey(corpus, shard)
        for corpus in settings.corpora
        for shard in list_shards(settings, corpus, made)
    )


def pretraining_shards(settings: Settings, keys: Sequence[ShardKey]) -> tuple[ShardKey, ...]:
    """The keys that pretraining may see, in their order.

    Raises:
        UserError: A glob of `pretrain.shards` matches no shard.
    """
    globs = settings.pretrain.shards
    for glob in globs:
        if not any(fnmatchcase(str(key), glob) for key in keys):
            known = ", ".join(map(str, keys[:3])) + (", ..." if len(keys) > 3 else "")
            raise UserError(
                f"`pretrain.shards` holds {glob!r}, which matches no shard; there are {known}."
            )
    return tuple(key for key in keys if any(fnmatchcase(str(key), glob) for glob in globs))


def declared_corpus(settings: Settings, corpus: str) -> AnyCorpus:
    """The settings of a corpus.

    Raises:
        UserError: There is none of that name.
    """
    if corpus not in settings.corpora:
        known = ", ".join(settings.corpora)
        raise UserError(f"There is no corpus {corpus!r} in the settings; there are {known}.")
    return settings.corpora[corpus]


def made_shards(declared: SimulatedCorpus | StacCorpus) -> tuple[str, ...]:
    """Names of all shards of a corpus that the workflow makes itself."""
    if isinstance(declared, StacCorpus):
        return cut_shards(declared)
    return simulated.simulated_shards(declared.size)


def _made(declared: SimulatedCorpus | StacCorpus, folder: Path) -> Listing:
    names = made_shards(declared)
    drawn = [name for name in sorted(names) if _chosen(name, declared.shards)]
    if not drawn:
        raise UserError(
            f"The corpus {folder.name!r} has the shards {names[0]} to {names[-1]}, and none "
            f"matches {declared.shards!r}; correct `shards`."
        )
    return {name: (str(folder / simulated.relative_path(name, "S1GRD")),) for name in drawn}


def _chosen(name: str, globs: Globs) -> bool:
    return any(fnmatchcase(name, glob) for glob in ([globs] if isinstance(globs, str) else globs))


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


def _published(corpus: str, declared: Ssl4eoCorpus, root: str) -> Listing:
    found: dict[str, str] = {}
    for folder in declared.folders:
        found |= published_files(root, folder, "S1GRD")
    kept: Listing = {
        name: (found[name],) for name in sorted(found) if _chosen(name, declared.shards)
    }
    if not kept:
        folders = ", ".join(declared.folders)
        raise UserError(
            f"{root}: holds no shard of corpus {corpus!r}: of the {len(found)} files "
            f"({'|'.join(SUFFIXES)}) in S1GRD of {folders} none matches {declared.shards!r}; "
            "correct `path`, `folders` or `shards`."
        )
    return kept


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


def _stacks(corpus: str, declared: GeotiffCorpus, root: str) -> Listing:
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
