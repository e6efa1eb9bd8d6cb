"""What a classifier of places says of every sample."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import torch

from speckle2vec.landcover.finetuning.place_method import PlaceMethod
from speckle2vec.networks.crops import centres, crop, side_of
from speckle2vec.products.catalogue import accepted, read_catalogue
from speckle2vec.products.cubes import CubeShard, open_cubes
from speckle2vec.products.encoders import EncoderFile
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.meaning import check_compatible
from speckle2vec.products.seasons import seasons_of
from speckle2vec.products.statistics import normalise
from speckle2vec.progress import track

TOGETHER = 64
"""Samples that are scored in one pass."""
COLUMNS = ("sample_id", "corpus", "shard", "split", "block", "verdict")


@dataclass(frozen=True)
class PlaceSources:
    """Where the data of a fine-tuning on places stand."""

    keys: Sequence[ShardKey]
    """All shards."""
    cubes: Path
    """Folder of the cubes, `results/cubes/{features}`."""
    parts: Path
    """Folder of the catalogue's parts, `results/catalogue`."""
    catalogue: Path
    """The merged catalogue, whose verdict counts."""
    labels: Path
    """`results/places/{name}/labels.parquet`."""


def check_cubes(trained: EncoderFile, sources: PlaceSources) -> None:
    """Refuse cubes that the encoder was not made for, before it is trained on them.

    Raises:
        UserError: Cubes of a shard are missing or damaged, or of another kind.
    """
    for key in sources.keys:
        path = key.part(sources.cubes, ".zarr.zip")
        with open_cubes(path, key) as shard:
            check_compatible(trained, shard.attributes, path)


def scored(
    method: PlaceMethod, trained: EncoderFile, sources: PlaceSources
) -> Iterator[tuple[pa.Table, torch.Tensor]]:
    """Samples of one batch after the other, and their logits, as the centre is embedded."""
    method.eval()
    rows = accepted(read_catalogue(sources.catalogue, COLUMNS))
    for key in track(sources.keys, len(sources.keys), "Scoring"):
        here = pc.and_(pc.equal(rows["corpus"], key.corpus), pc.equal(rows["shard"], key.shard))
        known, path = rows.filter(here), key.part(sources.cubes, ".zarr.zip")
        with open_cubes(path, key) as shard:
            check_compatible(trained, shard.attributes, path)
            places = pc.index_in(known["sample_id"], pa.array(shard.sample_ids, pa.string()))
            known = known.filter(pc.is_valid(places))
            positions = places.drop_null().to_numpy()
            for start in range(0, len(positions), TOGETHER):
                chosen = positions[start : start + TOGETHER]
                yield known.slice(start, TOGETHER), _logits(method, trained, shard, chosen)


def _logits(
    method: PlaceMethod, trained: EncoderFile, shard: CubeShard, chosen: npt.NDArray[np.int64]
) -> torch.Tensor:
    device = next(method.parameters()).device
    patches = torch.from_numpy(normalise(shard.take(chosen), trained.statistics)).to(device)
    side = side_of(patches.shape[2], patches.shape[3], trained.training["crop"])
    seasons = torch.from_numpy(seasons_of(shard.dates)[chosen]).to(device)
    with torch.inference_mode():
        return method.logits(crop(patches, centres(patches, side), side), seasons)
