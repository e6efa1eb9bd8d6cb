"""Draw docs/overview.png from the demo's products: `make embeddings`, then this.

Needs matplotlib and scikit-learn (`pip install -c constraints.txt matplotlib scikit-learn`).
"""

import json
from pathlib import Path

import geopandas
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from affine import Affine
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from shapely.geometry import Point
from sklearn.decomposition import PCA

from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.registry import open_shard
from speckle2vec.settings.load import load_settings

REPOSITORY = Path(__file__).parents[1]
RESULTS = REPOSITORY / "results"
KEY = ShardKey("demo", "train-000001")
FEATURES = ("vv_mean", "sobel_mean", "vv_std", "vh_difference")
CLASSES = {1: "artificial", 2: "agricultural", 3: "forest", 4: "wetlands", 5: "water"}
COLOURS = {1: "#e6004d", 2: "#c9a227", 3: "#2e8b3d", 4: "#8e6bbf", 5: "#3b7dd8"}
POINTS_A_SIDE = 6


def commonest_class(catalogue: geopandas.GeoDataFrame) -> pd.Series:
    """CORINE level 1 at most points of a grid over each sample, by sample id."""
    cover = geopandas.read_file(RESULTS / "corpora" / "demo" / "landcover.gpkg")
    parts = [grid_points(group, crs) for crs, group in catalogue.groupby("crs")]
    points = pd.concat([part.to_crs(cover.crs) for part in parts])
    joined = geopandas.sjoin(points, cover, predicate="within")
    level1 = joined["Code_18"].str[0].astype(int)
    return level1.groupby(joined["sample_id"]).agg(lambda codes: codes.mode().iloc[0])


def grid_points(samples: geopandas.GeoDataFrame, crs: str) -> geopandas.GeoDataFrame:
    steps = (np.arange(POINTS_A_SIDE) + 0.5) / POINTS_A_SIDE
    rows = [
        {"sample_id": sample.sample_id, "geometry": Point(*(Affine(*sample.affine) * (u, v)))}
        for sample in samples.itertuples()
        for u in steps * sample.width
        for v in steps * sample.height
    ]
    return geopandas.GeoDataFrame(rows, crs=crs)


def show(axes: Axes, image: np.ndarray, title: str, colours: str = "gray") -> None:
    low, high = np.nanpercentile(image, (2, 98))
    axes.imshow(image, cmap=colours, vmin=low, vmax=high)
    axes.set_title(title, fontsize=8)
    axes.set_axis_off()


def draw_samples(figure: Figure, embeddings: pd.DataFrame, chosen: list[str]) -> None:
    settings = load_settings(REPOSITORY / "config" / "config.yaml")
    panels = figure.subplots(len(chosen), 4 + len(FEATURES) + 1)
    raw = open_shard(settings, KEY, RESULTS / "corpora")
    with open_cubes(KEY.part(RESULTS / "cubes" / "sar-temporal", ".zarr.zip")) as shard:
        for row, name in zip(panels, chosen, strict=True):
            index = shard.sample_ids.index(name)
            images = raw.read(int(shard.rows[index]))
            for date, axes in enumerate(row[:4]):
                show(axes, images[date, 0], f"VV, date {date + 1}")
            cube = dict(zip(shard.features, shard.read(index, index + 1)[0], strict=True))
            for feature, axes in zip(FEATURES, row[4:-1], strict=True):
                show(axes, cube[feature], feature)
            numbers = embeddings.loc[name].to_numpy().reshape(32, 32)
            show(row[-1], numbers, "embedding", "RdBu")
    raw.close()


def draw_map(axes: Axes, embeddings: pd.DataFrame, classes: pd.Series) -> None:
    standard = (embeddings - embeddings.mean()) / embeddings.std()
    pca = PCA(2, random_state=0).fit(standard)
    places = pd.DataFrame(pca.transform(standard), index=embeddings.index)
    for level1, name in CLASSES.items():
        here = places[classes.reindex(places.index) == level1]
        axes.scatter(here[0], here[1], s=14, c=COLOURS[level1], label=f"{name} ({len(here)})")
    shares = pca.explained_variance_ratio_
    axes.set_xlabel(f"first component ({shares[0]:.0%} of the variance)")
    axes.set_ylabel(f"second component ({shares[1]:.0%})")
    axes.legend(title="commonest land cover", frameon=False)


def main() -> None:
    embeddings = pd.read_csv(RESULTS / "embeddings.csv", dtype={"id": str}).set_index("id")
    catalogue = geopandas.read_parquet(RESULTS / "catalogue.parquet")
    classes = commonest_class(catalogue)
    first = catalogue[catalogue["shard"] == KEY.shard]["sample_id"]
    chosen = [next(name for name in first if classes.get(name) == level1) for level1 in (1, 2, 5)]
    figure = plt.figure(figsize=(13, 11), layout="constrained")
    upper, lower = figure.subfigures(2, 1, height_ratios=(1, 1.1))
    draw_samples(upper, embeddings, chosen)
    draw_map(lower.subplots(), embeddings, classes)
    figure.savefig(REPOSITORY / "docs" / "overview.png", dpi=75)
    print(json.dumps({CLASSES[key]: int(count) for key, count in classes.value_counts().items()}))


if __name__ == "__main__":
    main()
