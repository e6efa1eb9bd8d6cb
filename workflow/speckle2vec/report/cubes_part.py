"""The section of the cubes: a few samples, feature by feature."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.statistics import Statistics
from speckle2vec.report.blocks import Part, Picture, Pictures
from speckle2vec.report.classes import Cover
from speckle2vec.report.pixels import DIFFERENCE, SPREADS, as_uri, feature_picture, limits_of
from speckle2vec.report.samples import shuffled
from speckle2vec.report.sheets import check_features, places_of
from speckle2vec.report.words import count, listed

LARGEST = 128
QUALITY = 80


def example_samples(ids: Sequence[str], cover: Cover | None, most: int, seed: int) -> list[str]:
    """A few samples: of each common class one, and more that are drawn."""
    order = shuffled(ids, seed)
    chosen: dict[str, None] = {}
    if cover is not None:
        classes = cover.of(order)
        common = np.argsort(-np.bincount(classes), kind="stable")
        for index in common[common > 0][:most]:
            chosen |= {order[place]: None for place in np.flatnonzero(classes == index)[:1]}
    chosen |= dict.fromkeys(order[:most])
    return list(chosen)[:most]


def cubes_part(
    folder: Path,
    samples: Mapping[str, ShardKey],
    statistics: Statistics,
    cover: Cover | None,
) -> Part:
    """Every feature of a few samples as pictures.

    Args:
        folder: Folder of the cubes.
        samples: The shard of each sample by its id.
        statistics: What grey levels are scaled by, with the units.
        cover: Their land cover, where labels stand.
    """
    found = list[Pictures]()
    for name, key in samples.items():
        path = key.part(folder, ".zarr.zip")
        with open_cubes(path) as shard:
            check_features(shard, statistics, path)
            cube = shard.take(places_of([name], shard, path))[0]
            found.append(_pictures(name, cube.astype(np.float32), statistics, cover))
    features = count(len(statistics.features), "feature")
    units = listed(list(dict.fromkeys(statistics.units.values())))
    told = (
        f"{count(len(found), 'sample')} with all {features}, in {units}. Black to white spans "
        f"{SPREADS:g} standard deviations to both sides of the mean over the training samples."
    )
    if any(name.endswith(DIFFERENCE) for name in statistics.features):
        told += " Differences are purple where the last date is lower than the first, orange where "
        told += "it is higher."
    return Part("cubes", "What the encoder sees", told, found)


def _pictures(name: str, cube: np.ndarray, statistics: Statistics, cover: Cover | None) -> Pictures:
    side = min(LARGEST, cube.shape[-1])
    pictures = []
    for feature in statistics.features:
        low, high = limits_of(feature, statistics)
        unit = statistics.units.get(feature, "")
        uri = as_uri(feature_picture(cube, feature, statistics, side), QUALITY)
        alt = f"{feature} of sample {name}, from {low:.3g} to {high:.3g} {unit}"
        pictures.append(Picture(uri, alt, feature.replace("_", " "), side))
    title = name
    if cover is not None:
        title += f", mostly {cover.names()[cover.commonest.get(name, 0)]}"
    return Pictures(title, pictures)
