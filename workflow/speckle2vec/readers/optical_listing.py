"""Which Sentinel-2 files each shard has: names only, nothing is opened.

Imported while the Snakefile is read: no geospatial library and no Zarr from here.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from speckle2vec.errors import UserError
from speckle2vec.readers import simulated
from speckle2vec.readers.chosen import Listing
from speckle2vec.readers.listing import declared_corpus, list_shards
from speckle2vec.readers.locations import find_files, locate
from speckle2vec.readers.patterns import check_unique, parse_names
from speckle2vec.readers.published_listing import published_files
from speckle2vec.settings.corpora import SimulatedCorpus, Ssl4eoCorpus, StacCorpus
from speckle2vec.settings.geotiff import GeotiffCorpus, OpticalFiles
from speckle2vec.settings.root import Settings

MODALITY = "S2L2A"


def list_optical(
    settings: Settings, corpus: str, made: Path, shards: Listing | None = None
) -> Listing:
    """Sentinel-2 files of each shard of a corpus.

    Args:
        settings: All settings; relative paths of corpora start from `settings.data`.
        corpus: Name of the corpus.
        made: Folder in which the workflow writes simulated corpora.
        shards: What `list_shards` gives, where that is known already.

    Returns:
        Shard name -> local paths or URLs, in the order of `list_shards`.

    Raises:
        UserError: The corpus has no Sentinel-2, or a shard of SSL4EO-S12 lacks its file.
    """
    declared = declared_corpus(settings, corpus)
    shards = list_shards(settings, corpus, made) if shards is None else shards
    if isinstance(declared, StacCorpus) and not declared.search.optical:
        raise _without(corpus, "set `search.optical` of the corpus to true.")
    if isinstance(declared, SimulatedCorpus | StacCorpus):
        folder = made / corpus
        return {
            shard: (str(folder / simulated.relative_path(shard, MODALITY)),) for shard in shards
        }
    root = locate(settings.data, declared.path)
    if isinstance(declared, Ssl4eoCorpus):
        return _published(corpus, declared, root, shards)
    return _stacks(settings, corpus, declared, root, shards)


def optical_root(settings: Settings, corpus: GeotiffCorpus, optical: OpticalFiles) -> str:
    """Where a user's Sentinel-2 files lie."""
    return locate(settings.data, optical.path or corpus.path)


def _published(corpus: str, declared: Ssl4eoCorpus, root: str, shards: Listing) -> Listing:
    found: dict[str, str] = {}
    for folder in declared.folders:
        try:
            found |= published_files(root, folder, MODALITY)
        except UserError as error:
            raise _without(corpus, str(error)) from error
    missing = [shard for shard in shards if shard not in found]
    if missing:
        raise _without(
            corpus,
            f"{len(missing)} of its {len(shards)} shards, {missing[0]} first, have no {MODALITY} "
            f"file below {root}; download them, or limit `shards` to those that have one.",
        )
    return {shard: (found[shard],) for shard in shards}


def _stacks(
    settings: Settings, corpus: str, declared: GeotiffCorpus, root: str, shards: Listing
) -> Listing:
    optical = declared.optical
    if optical is None:
        raise _without(corpus, "declare its files in the group `optical` of the corpus.")
    images = _images(settings, corpus, declared, optical)
    found = {
        shard: tuple(sorted(chain.from_iterable(images.get(place, ()) for place in places)))
        for shard, places in _places(root, declared, shards)
    }
    if not any(found.values()):
        raise _without(
            corpus,
            f"none of its places is one of the {len(images)} of `optical`, such as "
            f"{next(iter(images))!r}; let the group `place` of both patterns match the same text.",
        )
    return found


def _places(root: str, declared: GeotiffCorpus, shards: Listing) -> Iterator[tuple[str, set[str]]]:
    """The places of each shard, by the names of its files."""
    for shard, files in shards.items():
        names = [file.removeprefix(f"{root}/") for file in files]
        yield shard, {file.place for file in parse_names(root, names, declared)}


def _images(
    settings: Settings, corpus: str, declared: GeotiffCorpus, optical: OpticalFiles
) -> dict[str, list[str]]:
    """Where the images of each place are."""
    root = optical_root(settings, declared, optical)
    names = find_files(root, optical.files)
    images = parse_names(root, names, optical)
    if not images:
        example = f", such as {names[0]!r}" if names else ""
        raise _without(
            corpus,
            f"below {root}, `optical.files` {optical.files!r} found {len(names)} files, and "
            f"`optical.pattern` {optical.pattern!r} with `optical.bands` matches none of "
            f"them{example}.",
        )
    if optical.date_tag is None:
        check_unique(images)
    places: dict[str, list[str]] = {}
    for image in images:
        places.setdefault(image.place, []).append(image.location)
    return places


def _without(corpus: str, why: str) -> UserError:
    return UserError(
        f"The features `fusion` need Sentinel-2, and corpus {corpus!r} has none: {why}"
    )
