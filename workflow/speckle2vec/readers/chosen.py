"""Which shards of a corpus are asked for, by their names."""

from fnmatch import fnmatchcase

from speckle2vec.settings.corpus import Globs

Listing = dict[str, tuple[str, ...]]
"""Shard name -> local paths or URLs of its raw files."""


def chosen(name: str, globs: Globs) -> bool:
    """Whether any of the globs matches the name of a shard."""
    return any(fnmatchcase(name, glob) for glob in ([globs] if isinstance(globs, str) else globs))
