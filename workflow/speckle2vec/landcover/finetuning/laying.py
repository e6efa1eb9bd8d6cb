"""Where cubes and labels stand, and how they lie on each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from speckle2vec.landcover.finetuning.fits import Fit, Side, check_native, fit_of
from speckle2vec.landcover.finetuning.label_shelf import LabelPlace
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.encoders import EncoderFile
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.meaning import check_compatible


@dataclass(frozen=True)
class Sources:
    """Where the data of a fine-tuning stand."""

    keys: Sequence[ShardKey]
    """The shards."""
    cubes: Path
    """Folder of the cubes, `results/cubes/{features}`."""
    catalogue: Path
    """Folder of the catalogue's parts, `results/catalogue`."""
    labels: Path
    """Folder of the labels, `results/labels`."""


def lay(
    sources: Sources, trained: EncoderFile, places: Mapping[str, LabelPlace]
) -> tuple[Fit, dict[Path, Side]]:
    """How cubes lie on their labels.

    Args:
        sources: Shards, cubes and labels.
        trained: The encoder that shall see the cubes.
        places: The labels of the chosen samples.

    Returns:
        The fit, and for `Fit.NATIVE` height and width of the cubes of each shard, by path of
        its labels.

    Raises:
        UserError: Cubes and labels cannot be laid on each other, or the cubes are not of the
            kind the encoder was trained on.
    """
    fit, sides = Fit.WHOLE, {}
    shapes = {name: place.shape for name, place in places.items()}
    for key in sorted(sources.keys):
        path = key.part(sources.cubes, ".zarr.zip")
        with open_cubes(path, key) as shard:
            check_compatible(trained, shard.attributes, path)
            fit, names = fit_of(shard.attributes, path), shard.sample_ids
            height, width = shard.cubes.shape[2:]
        if fit is Fit.NATIVE:
            check_native(path, names, shapes)
            sides[key.part(sources.labels, ".zarr.zip")] = height, width
    return fit, sides
