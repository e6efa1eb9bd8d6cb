"""A tiny simulated corpus, drawn once."""

from pathlib import Path

import numpy as np
import pytest

from speckle2vec.corpus.simulated.backscatter import draw_backscatter
from speckle2vec.corpus.simulated.demo import draw_land_cover, draw_shard
from speckle2vec.corpus.simulated.fields import World
from speckle2vec.corpus.simulated.places import Place, draw_place
from speckle2vec.corpus.simulated.scene import draw_scene
from speckle2vec.readers.simulated import samples_per_shard, simulated_shards
from speckle2vec.settings.load import parse_settings
from speckle2vec.settings.root import Settings

FEW = 2


@pytest.fixture(scope="module")
def settings() -> Settings:
    corpora = {
        "tiny": {"source": "simulated", "size": "tiny"},
        "own": {"source": "geotiff", "path": "x", "files": "*", "pattern": "(?P<place>.*)",
                "units": "db", "calibration": "sigma0", "dates": 1},
    }  # fmt: skip
    return parse_settings({"seed": 7, "corpora": corpora}, "test")


@pytest.fixture(scope="module")
def world() -> World:
    return World(7, "tiny")


@pytest.fixture(scope="module")
def places(world: World) -> list[Place]:
    rows = range(samples_per_shard("tiny"))
    return [draw_place(world, shard, row) for shard in simulated_shards("tiny") for row in rows]


@pytest.fixture(scope="module")
def land_cover(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("land_cover") / "land_cover.gpkg"
    draw_land_cover(settings, "tiny", path)
    return path


@pytest.fixture(scope="module")
def shards(
    settings: Settings, land_cover: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("shards")
    for modality in ("S1GRD", "S2L2A"):
        path = folder / f"{modality}.zarr.zip"
        draw_shard(settings, "tiny", "train-000001", modality, land_cover, path, FEW)
    return {modality: folder / f"{modality}.zarr.zip" for modality in ("S1GRD", "S2L2A")}


@pytest.fixture(scope="module")
def images(world: World, places: list[Place], land_cover: Path) -> np.ndarray:
    some = places[::2]
    drawn = [draw_backscatter(world, p, draw_scene(world, p, land_cover)) for p in some]
    return np.stack(drawn).astype(np.float32)
