"""How far the classes of the simulated corpus overlap, as a random forest sees them.

Run as `python tests/benchmarks/overlap.py`. Pixels of whole 25 km blocks are held out.
"""

import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter
from sklearn.ensemble import RandomForestClassifier

from speckle2vec.corpus.simulated.backscatter import draw_backscatter
from speckle2vec.corpus.simulated.demo import draw_land_cover
from speckle2vec.corpus.simulated.fields import World
from speckle2vec.corpus.simulated.places import Place, draw_place
from speckle2vec.corpus.simulated.scene import draw_scene
from speckle2vec.readers.simulated import samples_per_shard, simulated_shards
from speckle2vec.settings.load import parse_settings

CLASSES = ("artificial", "agricultural", "forest", "wetlands", "water")
PLACES, PIXELS, BLOCK_M = 192, 300, 25_000.0
Array = npt.NDArray[np.floating]


def draw() -> tuple[list[Place], list[Array], list[Array]]:
    """Places spread over the demo shards, their images in dB and level-1 classes."""
    settings = parse_settings({"corpora": {"demo": {"source": "simulated"}}}, "overlap")
    world, shards = World(settings.seed, "demo"), simulated_shards("demo")
    keys = [(shard, row) for row in range(samples_per_shard("demo")) for shard in shards]
    places, images, labels = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        land_cover = Path(folder) / "land_cover.gpkg"
        draw_land_cover(settings, "demo", land_cover)
        for shard, row in keys[:PLACES]:
            place = draw_place(world, shard, row)
            scene = draw_scene(world, place, land_cover)
            places.append(place)
            images.append(draw_backscatter(world, place, scene).astype(np.float32))
            labels.append(scene.code // 100)
    return places, images, labels


def context(image: Array) -> Array:
    """Mean and standard deviation of 9 x 9 pixels, of each date and polarisation."""
    flat = image.reshape(-1, *image.shape[2:])
    means = np.stack([uniform_filter(band, 9) for band in flat])
    squares = np.stack([uniform_filter(band**2, 9) for band in flat])
    return np.concatenate([means, np.sqrt(np.maximum(squares - means**2, 0))])


def features(images: list[Array], kind: str, where: list[Array]) -> Array:
    """Features of the chosen pixels, (pixel, feature)."""
    rows = []
    for image, chosen in zip(images, where, strict=True):
        if kind == "one date":
            bands = image[0]
        elif kind == "four dates":
            bands = image.reshape(-1, *image.shape[2:])
        elif kind == "9 x 9, one date":
            bands = context(image[:1])
        else:
            bands = context(image)
        rows.append(bands.reshape(len(bands), -1)[:, chosen].T)
    return np.concatenate(rows)


def scores(truth: Array, guess: Array) -> list[float]:
    """Intersection over union of each class."""
    return [
        float(((truth == c) & (guess == c)).sum() / ((truth == c) | (guess == c)).sum())
        for c in range(1, 6)
    ]


def main() -> None:
    """Print a row a feature set."""
    places, images, labels = draw()
    random = np.random.default_rng(0)
    blocks = np.array([hash_block(place) for place in places])
    held = np.isin(blocks, random.permutation(np.unique(blocks))[::3])
    where = [random.choice(label.size, PIXELS, replace=False) for label in labels]
    truth = np.concatenate(
        [label.ravel()[chosen] for label, chosen in zip(labels, where, strict=True)]
    )
    test = np.repeat(held, PIXELS)
    shares = " ".join(f"{np.mean(truth == c):.2f}" for c in range(1, 6))
    print(f"{PLACES} places, {len(np.unique(blocks))} blocks; shares of classes {shares}")
    flat = np.concatenate([image.reshape(-1, 2, image[0, 0].size) for image in images])
    print(
        f"dB: VV {flat[:, 0].mean():.2f} +- {flat[:, 0].std():.2f}, "
        f"VH {flat[:, 1].mean():.2f} +- {flat[:, 1].std():.2f}"
    )
    print(f"{'features':18s}" + "".join(f"{name:>14s}" for name in CLASSES) + f"{'mean':>10s}")
    for kind in ("one date", "four dates", "9 x 9, one date", "9 x 9, four dates"):
        values = features(images, kind, where)
        forest = RandomForestClassifier(100, min_samples_leaf=20, n_jobs=4, random_state=0)
        forest.fit(values[~test], truth[~test])
        row = scores(truth[test], forest.predict(values[test]))
        print(f"{kind:18s}" + "".join(f"{s:14.3f}" for s in row) + f"{np.mean(row):10.3f}")


def hash_block(place: Place) -> int:
    """The number of the 25 km block a place lies in."""
    return int(place.easting // BLOCK_M) * 10_000 + int(place.northing // BLOCK_M)


if __name__ == "__main__":
    main()
