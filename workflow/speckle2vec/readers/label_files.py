"""Which files hold the labels of a corpus: names only, nothing is opened.

Imported while the Snakefile is read: no geospatial library from here.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from speckle2vec.errors import UserError
from speckle2vec.readers.listing import declared_corpus
from speckle2vec.readers.locations import find_files, is_url, locate
from speckle2vec.readers.patterns import parse_names, safe
from speckle2vec.settings.corpora import SimulatedCorpus
from speckle2vec.settings.geotiff import GeotiffCorpus
from speckle2vec.settings.labels import Labels
from speckle2vec.settings.root import Settings

EVERY_PLACE = ""
DEMO = "landcover.gpkg"
OSM = "osm"


def label_files(settings: Settings, corpus: str, made: Path, shard: str = "") -> dict[str, str]:
    """Files of labels by place; one file for all stands under `EVERY_PLACE`.

    Args:
        settings: All settings; a relative `labels.path` starts from `settings.data`.
        corpus: Name of the corpus.
        made: Folder in which the workflow writes simulated corpora; layers of OpenStreetMap
            stand beside it.
        shard: The shard, for labels that have one file a shard.

    Raises:
        UserError: The corpus has no labels, a file is missing, or the pattern is wrong.
    """
    declared, labels = declared_corpus(settings, corpus), settings.labels
    if labels.source == "demo":
        if not isinstance(declared, SimulatedCorpus):
            raise UserError(
                f"The corpus {corpus!r} has no labels: `labels.source` is demo, which only "
                "simulated corpora have; set it to vector or raster and `labels.path` to a file."
            )
        return {EVERY_PLACE: str(made / corpus / DEMO)}
    if labels.source == OSM:
        return {EVERY_PLACE: str(made.parent / OSM / corpus / f"{shard}.zarr.zip")}
    path = locate(settings.data, labels.path)
    if labels.files:
        return _by_place(path, labels)
    if not is_url(path) and not Path(path).exists():
        raise UserError(f"{path}: there is no such file; correct `labels.path`.")
    return {EVERY_PLACE: path}


def file_of(files: Mapping[str, str], place: str) -> str | None:
    """The file that holds the labels of a place, if any."""
    return files.get(place, files.get(EVERY_PLACE))


def _by_place(root: str, labels: Labels) -> dict[str, str]:
    pattern, names = _compile(labels.pattern), find_files(root, labels.files)
    found: dict[str, str] = {}
    for name in names:
        match = pattern.search(name)
        if match and match["place"]:
            place = safe(match["place"])
            if place in found:
                raise UserError(
                    f"{root}/{name}: has labels of the place {place} just as {found[place]} has; "
                    "narrow `labels.files` or `labels.pattern`."
                )
            found[place] = f"{root}/{name}"
    if not found:
        raise UserError(
            f"{root}: holds no labels: `labels.files` {labels.files!r} found {len(names)} files, "
            f"and `labels.pattern` {labels.pattern!r} matches none of them."
        )
    return found


def _compile(text: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise UserError(
            f"`labels.pattern` {text!r} is no valid regular expression: {error}."
        ) from error
    if "place" not in pattern.groupindex:
        raise UserError(
            f"`labels.pattern` {text!r} names no place; write the part that does as (?P<place>...)."
        )
    return pattern


def watched_files(
    settings: Settings, corpus: str, raw: Sequence[str], files: Mapping[str, str]
) -> list[str]:
    """Local label files that one shard depends on.

    Where labels come one a place and names of raw files do not tell the places of a shard,
    there are none: `state_of` all label files tells a change of theirs.

    Args:
        settings: All settings.
        corpus: Name of the corpus.
        raw: The raw files of the shard.
        files: What `label_files` gives for the corpus; for a thousand shards it is asked once.

    Raises:
        UserError: There is no such corpus.
    """
    declared = declared_corpus(settings, corpus)
    if EVERY_PLACE in files:
        found = {files[EVERY_PLACE]}
    elif isinstance(declared, GeotiffCorpus):
        places = _places(settings, declared, raw)
        found = {files[place] for place in places if place in files}
    else:
        found = set()
    return sorted(file for file in found if not is_url(file))


def tells_places(settings: Settings, corpus: str) -> bool:
    """Whether names of local raw files tell which places a shard of the corpus holds."""
    declared = declared_corpus(settings, corpus)
    return isinstance(declared, GeotiffCorpus) and not is_url(locate(settings.data, declared.path))


def state_of(files: Mapping[str, str]) -> str:
    """Digest of the places, sizes and times of label files; none of them is opened.

    Args:
        files: Local files by place. A missing one counts as such.
    """
    digest = hashlib.sha256()
    for place, file in sorted(files.items()):
        try:
            state = Path(file).stat()
        except OSError:
            continue
        digest.update(f"{place}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _places(settings: Settings, declared: GeotiffCorpus, raw: Sequence[str]) -> set[str]:
    root = locate(settings.data, declared.path)
    names = [file.removeprefix(f"{root}/") for file in raw]
    return {file.place for file in parse_names(root, names, declared)}
