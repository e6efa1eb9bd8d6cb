"""What pairs of dates take of a user's stacks, whose files hold one date each."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.listing import list_shards
from speckle2vec.readers.locations import locate
from speckle2vec.readers.optical_listing import list_optical, optical_root
from speckle2vec.readers.patterns import RasterFile, parse_names
from speckle2vec.readers.rasters import dated_by_tag
from speckle2vec.readers.stacks import stacks_of
from speckle2vec.settings.geotiff import GeotiffCorpus, OpticalFiles
from speckle2vec.settings.root import Settings


def paired_rasters(settings: Settings, keys: Sequence[ShardKey], made: Path) -> dict[str, Fraction]:
    """How often each raster of the corpora of stacks counts, where samples are pairs of dates.

    Every sample of a place takes one of its dates of each satellite, whatever that is: a file
    of a place of 8 dates and 2 samples counts 2 / 8.

    Args:
        settings: All settings; `data` and `corpora` count.
        keys: All shards.
        made: Folder of simulated corpora.

    Returns:
        Location -> how often.

    Raises:
        UserError: A file is missing or damaged, or its date is none.
    """
    found: dict[str, Fraction] = {}
    for name in dict.fromkeys(key.corpus for key in keys):
        corpus = settings.corpora[name]
        if isinstance(corpus, GeotiffCorpus) and corpus.optical is not None:
            wanted = {key.shard for key in keys if key.corpus == name}
            radar, optical = (
                [file for shard, files in lister(settings, name, made).items() if shard in wanted
                 for file in files]
                for lister in (list_shards, list_optical)
            )  # fmt: skip
            images = _files(locate(settings.data, corpus.path), radar, corpus)
            samples = Counter(stack.place for stack in stacks_of(images, corpus))
            root = optical_root(settings, corpus, corpus.optical)
            found |= _shares(images, samples)
            found |= _shares(_files(root, optical, corpus.optical), samples)
    return found


def _files(
    root: str, locations: Sequence[str], declared: GeotiffCorpus | OpticalFiles
) -> list[RasterFile]:
    names = [location.removeprefix(f"{root}/") for location in locations]
    return dated_by_tag(parse_names(root, names, declared), declared.date_tag)


def _shares(files: Sequence[RasterFile], samples: Counter[str]) -> dict[str, Fraction]:
    dates = Counter(place for place, _ in {(file.place, file.date) for file in files})
    return {file.location: Fraction(samples[file.place], dates[file.place]) for file in files}
