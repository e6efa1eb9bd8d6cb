"""The places of a corpus: seeded, uniform by area, by strata and apart if so set.

What is drawn depends on the outlines, the seed and the settings of the sampling, and on
nothing else: not on the corpus's name, so that two corpora may be cut at the same places,
and not on how many places follow.
"""

from pathlib import Path
from typing import Any

import numpy as np

from speckle2vec.corpus.sampling.corine_points import open_corine
from speckle2vec.corpus.sampling.outlines import Outlines, read_outlines
from speckle2vec.corpus.sampling.pieces import part_region
from speckle2vec.corpus.sampling.queues import Queue, in_turn, in_turn_apart, split_by_class
from speckle2vec.corpus.sampling.regions import Region, fields_of, find_regions
from speckle2vec.errors import UserError
from speckle2vec.products.places import write_places
from speckle2vec.progress import LOGGER
from speckle2vec.provenance import generator
from speckle2vec.readers.cut import cut_shards
from speckle2vec.readers.listing import declared_corpus
from speckle2vec.readers.locations import locate
from speckle2vec.settings.archive import CorineStrata, Sampling
from speckle2vec.settings.corpora import StacCorpus
from speckle2vec.settings.root import Settings

CLASSIFIED_TOGETHER, MOST_BLOCKS = 2048, 10


def draw_places(settings: Settings, corpus: str, output: Path) -> None:
    """Draw the places of a corpus (paper, section 3) and write them.

    Args:
        settings: Seed and corpora.
        corpus: One that is cut from archives, `source: stac`.
        output: `results/corpora/{corpus}/places.parquet`.

    Raises:
        UserError: The corpus is of another source, the outlines are missing or wrong, or
            the region has not room for so many places.
    """
    declared = declared_corpus(settings, corpus)
    if not isinstance(declared, StacCorpus):
        raise UserError(
            f"The corpus {corpus!r} has the source {declared.source!r} and places of its own; only "
            "those with `source: stac` have places to draw."
        )
    sampling = declared.sampling
    path = locate(settings.data, sampling.outlines)
    outlines = read_outlines(path, sampling.layer, fields_of(sampling))
    regions = find_regions(outlines, sampling, path)
    names, queues = _strata(regions, settings, sampling, path)
    apart = sampling.minimum_km
    places, strata = (
        in_turn_apart(queues, sampling.count, apart) if apart else in_turn(queues, sampling.count)
    )
    shards = np.repeat(cut_shards(declared), declared.places_per_shard)[: sampling.count]
    about = _about(settings.seed, sampling, path, outlines, names)
    write_places(output, places, np.array(names, dtype=object)[strata], shards, about)
    LOGGER.info("%s: drew %d places%s.", corpus, len(places), _told(names))


def _strata(
    regions: tuple[Region, ...], settings: Settings, sampling: Sampling, path: str
) -> tuple[list[str], list[Queue]]:
    """Names of the strata and the places of each, one after another."""
    if sampling.corine:
        (region,) = regions
        return _by_class(region, sampling.corine, settings, sampling, path)
    return [one.name for one in regions], [
        Queue(
            one.name,
            part_region(one.outline, sampling.sampler).places(
                generator(settings.seed, "places", one.name)
            ),
            f"{path}: the region {one.name or sampling.region!r} is so small that no place was "
            "found in it; draw in a larger one, or without strata.",
        )
        for one in regions
    ]


def _by_class(
    region: Region, corine: CorineStrata, settings: Settings, sampling: Sampling, path: str
) -> tuple[list[str], list[Queue]]:
    source = locate(settings.data, corine.path)
    blocks = part_region(region.outline, sampling.sampler).places(
        generator(settings.seed, "places", ""), CLASSIFIED_TOGETHER
    )
    split = split_by_class(blocks, open_corine(corine, source), corine.classes)
    tried = f"{source}: among the last {CLASSIFIED_TOGETHER * MOST_BLOCKS} places drawn in {path}"
    names = [str(one) for one in corine.classes]
    return names, [
        Queue(
            str(one),
            split[one],
            f"{tried} none lies in CORINE class {one}; leave it out of `sampling.corine.classes`, "
            "or draw in a region that has it.",
            MOST_BLOCKS,
        )
        for one in corine.classes
    ]


def _about(
    seed: int, sampling: Sampling, path: str, outlines: Outlines, names: list[str]
) -> dict[str, Any]:
    drawn = sampling.model_dump(mode="json", exclude={"outlines"})
    if sampling.corine:
        drawn["corine"]["path"] = Path(sampling.corine.path).name
    return {
        "seed": seed, "outlines": Path(path).name, "sha256": outlines.sha256, "strata": names,
        "repaired": outlines.repaired, "sampling": drawn,
    }  # fmt: skip


def _told(names: list[str]) -> str:
    return f" in {len(names)} strata" if len(names) > 1 else ""
