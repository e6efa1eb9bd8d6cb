"""Bad days of an archive, over HTTP: what is tried again, refused, or ends the run."""

import copy
import logging

import numpy as np
import pytest
import rasterio
import xarray as xr
import zarr
from rasterio.control import GroundControlPoint
from tests.corpus.archives import KEY, Archive, settings_of
from tests.corpus.loopback import CogServer, serving
from tests.corpus.scenes import extent, gamma0_db, lonlat, passes, write_cog, write_scenes

from speckle2vec.corpus.cutting.patch_grid import patch_grid
from speckle2vec.errors import UserError
from speckle2vec.products.ledger import read_ledger
from speckle2vec.readers.registry import open_shard

FIRST, LAST = "0000001", "0000004"
NAME = "S1A_{}_20210115"


@pytest.fixture
def server(tmp_path):
    """A server of its own for each test: the raster library remembers what an address said."""
    (tmp_path / "cogs").mkdir()
    with serving(CogServer(tmp_path / "cogs")) as server:
        yield server


@pytest.fixture
def items(server):
    """Sentinel-1 of one date in two zones."""
    return write_scenes(server.folder, server.url, passes(1), optical=False)


@pytest.fixture
def archive(items, tmp_path):
    """The first place has images of zone 32, the other three of zone 33."""
    return radar_archive(tmp_path / "archive", items)


def radar_archive(folder, items, **changes):
    settings = settings_of(1, search={"optical": False}, **changes)
    archive = Archive(folder, settings, [])
    archive.choose(items[1:], others={FIRST: items[:1]})
    return archive


def path_of(zone, band="vv"):
    return f"/{NAME.format(zone)}_{band}.tif"


def verdicts(path):
    return [entry.verdict for entry in read_ledger(path)]


def values(archive):
    return xr.open_zarr(zarr.storage.ZipStore(archive.radar, mode="r"))["bands"].values


def truths(archive, zones):
    grids = [patch_grid(*p, zone, 64) for p, zone in zip(archive.places, zones, strict=True)]
    return np.stack([gamma0_db(*lonlat(grid), "vv", 0) for grid in grids])


@pytest.mark.parametrize("fault", [503, 429, 500, "cut", "flip"])
def test_what_fails_for_a_while_is_tried_again(archive, server, fault):
    server.faults["*"] = [None, fault, fault, None, fault, None, fault]
    archive.cut()
    assert verdicts(archive.ledger) == ["cut"] * 4
    truth = truths(archive, [32632, 32633, 32633, 32633])
    assert np.abs(values(archive)[:, 0, 0] - truth).max() < 0.012


def test_what_fails_to_the_end_is_kept_for_the_next_run(archive, server, items, tmp_path):
    server.faults[path_of(32632)] = [..., 503]
    with pytest.raises(UserError) as caught:
        archive.cut()
    text = str(caught.value)
    assert "own/train-000001: 1 of 4 places failed for now (0000001: VV of" in text
    assert "HTTP 503" in text
    assert "`give_up: true` of the provider refuses them" in text
    assert verdicts(archive.failed) == ["failed", "cut", "cut", "cut"]
    assert archive.kept == ["0000002", "0000003", "0000004"]
    assert not archive.radar.exists()
    server.faults.clear()
    server.requests.clear()
    with serving(CogServer(server.folder)) as other:  # never failed, and never asked before
        untroubled = radar_archive(tmp_path / "other", moved(items, server.url, other.url))
        untroubled.cut()
    archive.cut()
    assert {path for _, path, _ in server.requests} == {path_of(32632), path_of(32632, "vh")}
    assert archive.radar.read_bytes() == untroubled.radar.read_bytes()
    assert archive.ledger.read_bytes() == untroubled.ledger.read_bytes()
    assert not archive.failed.exists()


def moved(items, old, new):
    """The same items at another server."""
    changed = copy.deepcopy(items)
    for item in changed:
        for asset in item["assets"].values():
            asset["href"] = asset["href"].replace(old, new)
    return changed


def test_what_stays_broken_can_be_given_up(items, server, tmp_path):
    """A truncated file."""
    path = server.folder / path_of(32632)[1:]
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    archive = radar_archive(tmp_path / "a", items, provider={"attempts": 2})
    with pytest.raises(UserError, match="1 of 4 places failed for now"):
        archive.cut()
    patient = radar_archive(tmp_path / "b", items, provider={"attempts": 2, "give_up": True})
    patient.cut()
    assert verdicts(patient.ledger) == ["refused", "cut", "cut", "cut"]
    assert read_ledger(patient.ledger)[0].reason


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_ends_the_run_and_is_no_empty_patch(archive, server, status):
    server.faults[path_of(32632)] = [..., status]
    with pytest.raises(UserError) as caught:
        archive.cut()
    text = str(caught.value)
    assert f"the server refuses to hand it out (HTTP {status})" in text
    assert "PC_SDK_SUBSCRIPTION_KEY" in text
    assert "requester-pays" in text
    assert "expired" in text
    assert not archive.radar.exists()
    assert FIRST not in archive.kept


def test_a_file_that_is_gone_is_refused(archive, server):
    (server.folder / path_of(32632)[1:]).unlink()
    archive.cut()
    assert verdicts(archive.ledger) == ["refused", "cut", "cut", "cut"]
    assert "not there any more (HTTP 404)" in read_ledger(archive.ledger)[0].reason


def test_a_missing_asset_is_refused(archive, items):
    del items[0]["assets"]["vh"]
    archive.choose(items[1:], others={FIRST: items[:1]})
    archive.cut()
    assert verdicts(archive.ledger) == ["refused", "cut", "cut", "cut"]
    assert "has no asset vh; it has vv" in read_ledger(archive.ledger)[0].reason


@pytest.mark.parametrize("points", [True, False])
def test_a_file_without_a_grid_is_refused(archive, server, points):
    """As Sentinel-1 GRD: ground control points only."""
    grid = extent(32632, 10)
    corners = [(0, 0), (0, 360), (360, 0), (360, 360)]
    gcps = [
        GroundControlPoint(row, column, *(grid.affine @ (column, row))) for row, column in corners
    ]
    path = server.folder / path_of(32632)[1:]
    path.unlink()
    with rasterio.open(path, "w", driver="GTiff", height=360, width=360, count=1,
                       dtype="float32") as file:  # fmt: skip
        file.write(np.ones((360, 360), np.float32), 1)
        if points:
            file.gcps = (gcps, "EPSG:32632")
    archive.cut()
    assert verdicts(archive.ledger) == ["refused", "cut", "cut", "cut"]
    reason = read_ledger(archive.ledger)[0].reason
    assert ("4 ground control points instead of a grid" in reason) == points
    assert points or "has no coordinate system" in reason


def test_what_an_item_says_wrongly_of_its_grid_moves_nothing(archive, items):
    """A stale transform, and a footprint at the other end of the world."""
    for item in items:
        for asset in item["assets"].values():
            asset["proj:transform"] = [10.0, 0.0, 1e5, 0.0, -10.0, 2e5]
        item["geometry"] = None
        item["bbox"] = None
    archive.choose(items[1:], others={FIRST: items[:1]})
    archive.cut()
    truth = truths(archive, [32632, 32633, 32633, 32633])
    assert np.abs(values(archive)[:, 0, 0] - truth).max() < 0.012


@pytest.mark.parametrize("nothing", [-32768.0, 0.0, np.nan])
def test_nodata_is_masked_before_the_logarithm_and_judged(items, server, tmp_path, nothing):
    """What stands for nothing is never averaged with what it lies beside."""
    grid = extent(32632, 10)
    linear = (10 ** (gamma0_db(*lonlat(grid), "vv", 0) / 10)).astype(np.float32)
    linear[:, :165] = nothing
    path = server.folder / path_of(32632)[1:]
    path.unlink()
    write_cog(path, linear, grid, None if nothing == -32768 else nothing)
    strict = radar_archive(tmp_path / "a", items, minimum_valid=0.9)
    strict.cut()
    entry = read_ledger(strict.ledger)[0]
    assert entry.verdict == "refused"
    assert entry.reason.startswith("VV of 2021-01-15 has ")
    assert "less than `minimum_valid` (90.0%)" in entry.reason
    lenient = radar_archive(tmp_path / "b", items, minimum_valid=0.01)
    lenient.cut()
    got = values(lenient)[0, 0, 0].astype(float)
    assert 0 < entry.valid < 0.9
    assert np.isfinite(got).mean() == pytest.approx(entry.valid)
    truth = truths(lenient, [32632, 32633, 32633, 32633])[0]
    assert np.nanmax(np.abs(got - truth)) < 0.05
    shard = open_shard(lenient.settings, KEY, lenient.folder / "made")
    assert np.isnan(shard.read(0)[0, 0]).sum() == np.isnan(got).sum()


def test_decibels_that_are_declared_linear_are_refused(archive, server):
    grid = extent(32632, 10)
    path = server.folder / path_of(32632)[1:]
    path.unlink()
    write_cog(path, gamma0_db(*lonlat(grid), "vv", 0).astype(np.float32), grid, None)
    archive.cut()
    assert "it looks like dB" in read_ledger(archive.ledger)[0].reason


def test_another_request_or_setting_makes_kept_patches_again(archive, server, items):
    server.faults[path_of(32632)] = [..., 503]
    with pytest.raises(UserError):
        archive.cut()
    archive.choose(items[1:], {LAST: "taken away"}, {FIRST: items[1:]})
    archive.cut()
    assert verdicts(archive.ledger) == ["cut", "cut", "cut", "refused"]


def test_candidates_of_other_places_are_told(archive, items, tmp_path):
    other = Archive(tmp_path / "few", archive.settings, items, places=archive.places[:2])
    (other.folder / "candidates.parquet").replace(archive.folder / "candidates.parquet")
    with pytest.raises(UserError, match=r"candidates\.parquet: is of other places than"):
        archive.cut()


def test_the_log_says_what_became_of_each_place(archive, server, caplog):
    server.faults[path_of(32633, "vh")] = [None, "flip"]
    with caplog.at_level(logging.INFO, logger="speckle2vec"):
        archive.cut()
    assert "0000001: cut in" in caplog.text
    assert "own/train-000001: 4 of 4 places were cut" in caplog.text
