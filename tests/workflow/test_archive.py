"""Archives on loopback, from places to embeddings by one command.

The archives are a STAC API and a server of COGs whose pixels are the truth at their
centres; see tests/corpus/scenes.py.
"""

import shutil

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
import yaml
from tests.corpus.archives import BANDS
from tests.corpus.loopback import CogServer, serving
from tests.corpus.scenes import RESOLUTIONS, gamma0_db, lonlat, passes, reflectance, write_scenes
from tests.corpus.search.stac_services import stac_api
from tests.workflow.conftest import new_project
from tests.workflow.kills import digests, kill_when

from speckle2vec.corpus.cutting.patch_grid import patch_grid
from speckle2vec.preprocess.sar_temporal import SarTemporalFeatures
from speckle2vec.products.candidates import read_candidates
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.ledger import read_ledger
from speckle2vec.settings.stages import SarTemporal

AROUND = (11.996, 48.047, 12.004, 48.053)
SIZE = 96
DATES = passes(4)
MADE = "results/corpora/own"
# Rounding to float16 between -16 and -32 dB, once in the shard and once in the cube, and
# linear interpolation of Sentinel-1, whose pixels lie 3.7 m beside those of the grid.
DECIBEL = 2 * 0.0078 + 0.003
# Rounding to whole numbers and to float16 below 1, and linear interpolation of 20 and 60 m.
REFLECTANCE = {10: 0.0003, 20: 0.0005, 60: 0.0012}


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """The server of images, and the address of the API that knows them."""
    folder = tmp_path_factory.mktemp("archives")
    (folder / "cogs").mkdir()
    with serving(CogServer(folder / "cogs")) as server:
        items = write_scenes(server.folder, server.url, DATES)
        with stac_api(items, folder) as api:
            yield server, api


@pytest.fixture
def project(fresh, archives):
    """A project with a square of land as outlines; `configured` writes its config."""
    outlines = fresh.folder / "outlines.geojson"
    geopandas.GeoSeries([shapely.box(*AROUND)], crs=4326).to_file(outlines)
    return fresh


def config_of(project, api, samples, count, features, **changes):
    corpus = {
        "source": "stac", "size": SIZE, "places_per_shard": 5,
        "sampling": {"outlines": "outlines.geojson", "count": count},
        "search": {"start": "2021-01-01", "end": "2021-12-31", "samples": samples},
        "provider": {"name": "stac", "url": api, "pause_s": 0, "attempts": 2, **BANDS},
    }  # fmt: skip
    config = {
        "data": str(project.folder), "corpora": {"own": corpus},
        "model": {"features": features, "method": "simclr", "encoder": "cnn-transformer"},
        "pretrain": {"epochs": 1, "batch_size": 8, "threads": 1, "device": "cpu",
                     "collapse_std": 0},
        # All places are one block.
        "splits": {"train": 1, "validation": 0, "test": 0}, **changes,
    }  # fmt: skip
    (project.folder / "own.yaml").write_text(yaml.safe_dump(config))


def grids(project, shard):
    """Places and grids of one shard, as the product of places and the chosen images say."""
    results = project.folder / MADE
    places = geopandas.read_parquet(results / "places.parquet").set_index("place")
    chosen = read_candidates(results / f"candidates/{shard}.parquet").to_pandas()
    zones = chosen[chosen["role"] == "S2"].groupby("place")["epsg"].first()
    return {
        place: patch_grid(*places.loc[place, ["longitude", "latitude"]], int(epsg), SIZE)
        for place, epsg in zones.items()
    }


def test_one_command_leads_from_places_to_embeddings(project, archives):
    config_of(project, archives[1], "seasons", 9, "sar-temporal")
    project.make(config="own.yaml")
    results = project.folder / "results"
    frame = pd.read_csv(results / "embeddings.csv", dtype={"id": str})
    assert frame["id"].tolist() == [f"{number:07d}" for number in range(1, 10)]
    assert list(frame.columns) == ["id", *map(str, range(1024))]
    assert np.isfinite(frame.iloc[:, 1:].to_numpy()).all()
    features = SarTemporalFeatures(SarTemporal())
    for shard, count in (("train-000001", 5), ("train-000002", 4)):
        ledger = read_ledger(project.folder / MADE / f"ledger/{shard}.parquet")
        assert [entry.verdict for entry in ledger] == ["cut"] * count
        with open_cubes(results / f"cubes/sar-temporal/own/{shard}.zarr.zip") as cubes:
            assert cubes.attributes["calibration"] == "gamma0"
            compare(cubes, features, grids(project, shard))
    assert not (project.folder / MADE / "patches").exists() or not any(
        (project.folder / MADE / "patches").iterdir()
    )
    assert not project.planned(config="own.yaml")


def test_a_corpus_that_was_killed_while_it_was_cut_ends_with_the_same_bytes(
    project, archives, tmp_path
):
    """Killed when so many patches are finished, twice, and then left alone."""
    undisturbed = new_project(tmp_path / "undisturbed")
    shutil.copy(project.folder / "outlines.geojson", undisturbed.folder)
    for one in (project, undisturbed):
        config_of(one, archives[1], "seasons", 9, "sar-temporal")
    undisturbed.make("results/catalogue.parquet", config="own.yaml")
    patches = project.folder / MADE / "patches"
    for finished in (2, 4):
        kill_when(
            project, lambda count=finished: len([*patches.rglob("[!.]*.safetensors")]) >= count,
            "results/catalogue.parquet", config="own.yaml",
        )  # fmt: skip
        assert not (project.folder / "results/catalogue.parquet").exists()
        project.make("--unlock", config="own.yaml")
    project.make("results/catalogue.parquet", config="own.yaml")
    made = ("corpora/**/*.zip", "corpora/own/*.parquet", "**/ledger/*.parquet", "catalogue.parquet")
    assert digests(project, *made) == digests(undisturbed, *made)


def compare(cubes, features, grids):
    """Cubes against the features of the truth itself."""
    dates = [np.datetime64(one.when.replace(tzinfo=None), "ms") for one in DATES]
    for row, grid in enumerate(grids.values()):
        truth = [[gamma0_db(*lonlat(grid), name, d.day) for name in ("vv", "vh")] for d in DATES]
        expected = features.compute(np.array(truth, np.float32), dates)
        for position, name in enumerate(cubes.features):
            error = np.abs(np.asarray(cubes.cubes[row, position]) - expected[position])
            if name.startswith(("vv", "vh")):
                assert error.max() < DECIBEL, (name, error.max())
            else:  # grey levels of an equalised image: a rounding may turn one into the next
                assert np.median(error) < 3, (name, np.median(error))


def test_pairs_become_cubes_of_the_truth_and_failures_are_tried_again(project, archives):
    server, api = archives
    config_of(
        project, api, "pair", 3, "fusion", preprocess={"fusion": {"smallest": 64}},
        pretrain={"crop": 64},
    )  # fmt: skip
    cubes_file = "results/cubes/fusion/own/train-000001.zarr.zip"
    server.faults["*"] = [..., 503]
    done = project.snakemake(cubes_file, config="own.yaml")
    server.faults.clear()
    assert done.returncode != 0
    assert "3 of 3 places failed for now" in done.stdout
    assert "Traceback" not in done.stdout
    failed = read_ledger(project.folder / MADE / "failed/train-000001.parquet")
    assert {entry.verdict for entry in failed} == {"failed"}
    project.edit("own.yaml", "attempts: 2", "attempts: 3")
    assert set(project.planned(cubes_file, config="own.yaml")) == {"cut", "ingest", "preprocess"}
    project.make(cubes_file, config="own.yaml")
    chosen = read_candidates(project.folder / MADE / "candidates/train-000001.parquet").to_pandas()
    days = {f"{one.when:%Y%m%d}": one.day for one in DATES}
    radar = chosen[chosen["role"] == "S1"].set_index("place")["item"]
    with open_cubes(project.folder / cubes_file) as cubes:
        for row, (place, grid) in enumerate(grids(project, "train-000001").items()):
            values = np.asarray(cubes.cubes[row], np.float64)
            day = days[radar[place].rpartition("_")[2]]
            for band, got in zip(cubes.features, values, strict=True):
                if band in ("VV", "VH"):
                    truth = gamma0_db(*lonlat(grid), band.lower(), day)
                    assert np.abs(got - truth).max() < DECIBEL
                else:
                    truth = reflectance(*lonlat(grid), band, day)
                    assert np.abs(got - truth).max() < REFLECTANCE[RESOLUTIONS[band]], band
