"""The simulated demo corpus: land cover first, then the shards, each by itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from speckle2vec.corpus.drawing import Drawing, Modality
from speckle2vec.corpus.layout import write_shard
from speckle2vec.corpus.simulated.acquisitions import optical, radar
from speckle2vec.corpus.simulated.backscatter import draw_backscatter
from speckle2vec.corpus.simulated.fields import World
from speckle2vec.corpus.simulated.places import draw_place
from speckle2vec.corpus.simulated.polygons import draw_polygons, write_polygons
from speckle2vec.corpus.simulated.reflectance import BANDS, draw_reflectance
from speckle2vec.corpus.simulated.scene import draw_scene
from speckle2vec.corpus.simulated.speckle import LOOKS
from speckle2vec.errors import UserError
from speckle2vec.progress import track
from speckle2vec.readers.simulated import Size, samples_per_shard, simulated_shards
from speckle2vec.settings.corpora import SimulatedCorpus
from speckle2vec.settings.root import Settings

ModalityName = Literal["S1GRD", "S2L2A"]

MODALITIES: dict[ModalityName, Modality] = {
    "S1GRD": Modality(
        bands=("vv", "vh"),
        dtype="float16",
        attributes={
            "simulated": True,
            "units": "dB",
            "calibration": "sigma0",
            "equivalent_number_of_looks": LOOKS,
        },
    ),
    "S2L2A": Modality(
        bands=BANDS,
        dtype="int16",
        attributes={
            "simulated": True,
            "units": "surface reflectance x 10000",
            "offset": 0,
            "offset_note": "The +1000 of processing baseline 04.00 and later is not in the values.",
        },
        cloud_classes="0 clear, 1 thick cloud, 2 thin cloud, 3 cloud shadow",
    ),
}


def draw_land_cover(settings: Settings, corpus: str, output: Path) -> None:
    """Draw CORINE-like polygons around all places of a simulated corpus.

    Args:
        settings: All settings; seed and the corpus's size are read.
        corpus: The name of a simulated corpus.
        output: The GeoPackage: EPSG:3035, layer `U2018_CLC2018_V2020_20u1`, field `Code_18`.

    Raises:
        UserError: The settings know no simulated corpus of that name.
    """
    size, world = _size(settings, corpus), World(settings.seed, corpus)
    rows = range(samples_per_shard(size))
    places = [draw_place(world, shard, row) for shard in simulated_shards(size) for row in rows]
    write_polygons(draw_polygons(world, places), output)


def draw_shard(
    settings: Settings,
    corpus: str,
    shard: str,
    modality: ModalityName,
    land_cover: Path,
    output: Path,
    samples: int | None = None,
) -> None:
    """Draw one shard of a simulated corpus in the SSL4EO-S12 v1.1 layout.

    A sample depends on seed, corpus, shard, row and land cover, and on nothing else: shards
    may be drawn alone, in any order and beside each other. Memory holds one sample.

    Args:
        settings: All settings; seed and the corpus's size are read.
        corpus: The name of a simulated corpus.
        shard: One of its shards, such as `train-000001`.
        modality: `S1GRD` or `S2L2A`.
        land_cover: What `draw_land_cover` wrote for this corpus.
        output: The `.zarr.zip`.
        samples: Draw only so many rows, for tests and pictures; all by default.

    Raises:
        UserError: The corpus has no such shard, or the land cover does not fit.
    """
    size, world = _size(settings, corpus), World(settings.seed, corpus)
    if shard not in simulated_shards(size):
        raise UserError(
            f"Corpus {corpus!r} has no shard {shard!r}; size {size!r} has "
            f"{', '.join(simulated_shards(size))}."
        )
    count = min(samples or samples_per_shard(size), samples_per_shard(size))
    drawings = _drawings(world, shard, count, modality, land_cover)
    task = f"Drawing {corpus}/{shard} ({modality})"
    write_shard(output, MODALITIES[modality], count, track(drawings, count, task))


def _drawings(
    world: World, shard: str, count: int, modality: ModalityName, land_cover: Path
) -> Iterator[Drawing]:
    for row in range(count):
        place = draw_place(world, shard, row)
        scene = draw_scene(world, place, land_cover)
        if modality == "S1GRD":
            yield Drawing(
                place, radar(world, place), {"bands": draw_backscatter(world, place, scene)}
            )
        else:
            passes = optical(world, place)
            bands, mask = draw_reflectance(world, place, scene, passes.days)
            yield Drawing(place, passes, {"bands": bands, "cloud_mask": mask})


def _size(settings: Settings, corpus: str) -> Size:
    declared = settings.corpora.get(corpus)
    if not isinstance(declared, SimulatedCorpus):
        simulated = [name for name, one in settings.corpora.items() if one.source == "simulated"]
        raise UserError(
            f"{corpus!r} is no simulated corpus in the settings; those are: "
            f"{', '.join(simulated) or 'none'}."
        )
    return declared.size
