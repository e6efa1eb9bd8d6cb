"""Which Sentinel-2 files each shard has: names only, nothing is opened.

Imported while the Snakefile is read: no geospatial library and no Zarr from here.
"""

from pathlib import Path

from speckle2vec.errors import UserError
from speckle2vec.readers import simulated
from speckle2vec.readers.listing import Listing, declared_corpus, list_shards, published_files
from speckle2vec.readers.locations import find_files, locate
from speckle2vec.readers.patterns import RasterFile, check_unique, parse_names
from speckle2vec.settings.corpora import (
    GeotiffCorpus,
    OpticalFiles,
    SimulatedCorpus,
    Ssl4eoCorpus,
    StacCorpus,
)
from speckle2vec.settings.root import Settings

MODALITY = "S2L2A"


def list_optical(settings: Settings, corpus: str, made: Path) -> Listing:
    """Sentinel-2 files of each shard of a corpus.

    Args:
        settings: All settings; relative paths of corpora start from `settings.data`.
        corpus: Name of the corpus.
        made: Folder in which the workflow writes simulated corpora.

    Returns:
        Shard name -> local paths or URLs, in the order of `list_shards`.

    Raises:
        UserError: The corpus has no Sentinel-2, or a shard of SSL4EO-S12 lacks its file.
    """
    declared = declared_corpus(settings, corpus)
    shards = list_shards(settings, corpus, made)
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
    found: dict[str, tuple[str, ...]] = {}
    for shard, files in shards.items():
        names = [file.removeprefix(f"{root}/") for file in files]
        places = {file.place for file in parse_names(root, names, declared)}
        found[shard] = tuple(sorted(image.location for image in images if image.place in places))
    if not any(found.values()):
        raise _without(
            corpus,
            f"none of its places is one of the {len({image.place for image in images})} of "
            f"`optical`, such as {images[0].place!r}; let the group `place` of both patterns "
            "match the same text.",
        )
    return found


def _images(
    settings: Settings, corpus: str, declared: GeotiffCorpus, optical: OpticalFiles
) -> list[RasterFile]:
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
    return images


def _without(corpus: str, why: str) -> UserError:
    return UserError(
        f"The features `fusion` need Sentinel-2, and corpus {corpus!r} has none: {why}"
    )
