"""Which shards there are: names and files only, nothing is opened.

Imported while the Snakefile is read: no geospatial library and no Zarr from here.
"""

from collections.abc import Sequence
from pathlib import Path

from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers import simulated
from speckle2vec.readers.chosen import Listing, chosen
from speckle2vec.readers.cut import cut_shards
from speckle2vec.readers.locations import locate
from speckle2vec.readers.published_listing import list_published
from speckle2vec.readers.stack_listing import list_stacks
from speckle2vec.settings.corpora import AnyCorpus, SimulatedCorpus, Ssl4eoCorpus, StacCorpus
from speckle2vec.settings.root import Settings


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
        return list_published(corpus, declared, root)
    return list_stacks(corpus, declared, root)


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
        if not any(chosen(str(key), glob) for key in keys):
            known = ", ".join(map(str, keys[:3])) + (", ..." if len(keys) > 3 else "")
            raise UserError(
                f"`pretrain.shards` holds {glob!r}, which matches no shard; there are {known}."
            )
    return tuple(key for key in keys if chosen(str(key), globs))


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
    drawn = [name for name in sorted(names) if chosen(name, declared.shards)]
    if not drawn:
        raise UserError(
            f"The corpus {folder.name!r} has the shards {names[0]} to {names[-1]}, and none "
            f"matches {declared.shards!r}; correct `shards`."
        )
    return {name: (str(folder / simulated.relative_path(name, "S1GRD")),) for name in drawn}
