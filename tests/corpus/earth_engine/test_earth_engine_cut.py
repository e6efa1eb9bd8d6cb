"""From places to a shard by Earth Engine: found, cut, and equal to the truth."""

import logging

import numpy as np
import pytest
import xarray as xr
import zarr
from tests.corpus.archives import KEY, Archive, settings_of
from tests.corpus.earth_engine.loopback_service import (
    EPSG,
    GRD,
    PLACE,
    S1_ID,
    S2_ID,
    SR,
    TOKEN,
    centres,
    provider_at,
    truth,
)

from speckle2vec.corpus.cutting.patch_grid import patch_grid
from speckle2vec.corpus.earth_engine.pixels import request_body
from speckle2vec.corpus.search.find_images import find_images
from speckle2vec.errors import UserError
from speckle2vec.products.candidates import read_candidates
from speckle2vec.products.ledger import read_ledger

SIZE = 32
PLACES = (PLACE, (19.01, 49.21), (0.0, 10.0))
SEARCH = {"start": "2019-11-01", "end": "2019-12-31"}


@pytest.fixture
def archive(server, tmp_path):
    return archive_of(server, tmp_path / "archive")


def archive_of(server, folder, **provider):
    """Inputs and outputs of a shard of three places; no image is over the last."""
    own = provider_at(server, pause_s=0.001, **provider)
    settings = settings_of(1, SIZE, provider=own, search=SEARCH, calibration="sigma0")
    return Archive(folder, settings, [], PLACES)


def find(archive):
    find_images(
        archive.settings, KEY, archive.folder / "places.parquet", archive.folder / "search",
        archive.folder / "candidates.parquet",
    )  # fmt: skip


def verdicts(archive):
    return [entry.verdict for entry in read_ledger(archive.ledger)]


def opened(path):
    return xr.open_zarr(zarr.storage.ZipStore(path, mode="r"))


def test_a_corpus_from_places_to_shards(archive, server, caplog):
    with caplog.at_level(logging.DEBUG):
        find(archive)
        asked = len(server.requests)
        archive.cut()
    rows = read_candidates(archive.folder / "candidates.parquet").to_pylist()
    told = [(row["place"], row["role"], row["item"], row["collection"]) for row in rows]
    assert told == [
        (place, role, item, collection) for place in ("0000001", "0000002")
        for role, item, collection in (("S1", S1_ID, GRD), ("S2", S2_ID, SR))
    ] + [("0000003", "none", None, None)]  # fmt: skip
    assert {row["provider"] for row in rows[:4]} == {"earth-engine"}
    assert (rows[1]["offset"], rows[1]["baseline"], rows[1]["epsg"]) == (0, "05.09", EPSG)
    assert verdicts(archive) == ["cut", "cut", "refused"]
    assert asked == 2 * len(PLACES)
    assert len(server.bodies) == 4
    _is_true(archive)
    _tells_no_token(archive, rows, caplog.text)


def _is_true(archive):
    radar, optical = opened(archive.radar), opened(archive.optical)
    assert radar.attrs["units"] == "dB"
    assert radar.attrs["calibration"] == "sigma0"
    assert radar.attrs["provider"] == "earth-engine"
    assert radar.attrs["processing_level"].startswith("Level-1 GRD")
    for row, place in enumerate(PLACES[:2]):
        grid = patch_grid(*place, EPSG, SIZE)
        x, y = centres(request_body("x", {"VV": "VV"}, grid)["grid"])
        for band, name in enumerate(("VV", "VH")):
            found = radar["bands"].values[row, 0, band]
            assert np.array_equal(found, truth(name, x, y).astype(np.float32).astype(np.float16))
        for band, name in enumerate(optical["band"].values.tolist()):
            found = optical["bands"].values[row, 0, band]
            assert np.array_equal(found, np.rint(truth(name.replace("B0", "B"), x, y)))


def _tells_no_token(archive, rows, log):
    assert TOKEN not in log
    assert TOKEN not in repr(rows)
    for product in (opened(archive.radar), opened(archive.optical)):
        assert TOKEN not in repr(product.attrs) + repr(product.values)
    for path in archive.folder.rglob("*"):
        assert path.is_dir() or TOKEN.encode() not in path.read_bytes()


def test_masked_pixels_are_unknown_and_judged(archive, server):
    find(archive)
    server.dark = (slice(0, 1), slice(None))
    archive.cut()
    bands = opened(archive.radar)["bands"].values
    assert np.isnan(bands[:, :, :, 0]).all()
    assert np.isfinite(bands[:, :, :, 1:]).all()
    reasons = [entry.reason for entry in read_ledger(archive.ledger)]
    assert reasons[:2] == ["", ""]


def test_too_many_masked_pixels_refuse_a_place(archive, server):
    find(archive)
    server.dark = (slice(0, 2), slice(None))
    archive.cut()
    entries = read_ledger(archive.ledger)
    assert [entry.verdict for entry in entries] == ["refused"] * 3
    assert "VV of 2019-12-02 has 93.8% pixels with a value" in entries[0].reason


def test_a_day_without_answers_is_no_reason_for_good(archive, server):
    find(archive)
    server.faults = [..., 429]
    with pytest.raises(UserError, match=r"2 of 3 places failed for now.*HTTP 429 after 2 tries"):
        archive.cut()
    server.faults = []
    archive.cut()
    assert verdicts(archive) == ["cut", "cut", "refused"]


def test_a_token_that_expires_ends_the_run_and_the_next_goes_on(archive, server):
    find(archive)
    server.faults = [None, None, 401]
    with pytest.raises(UserError, match=r"refuses \(HTTP 401.*A token lasts an hour"):
        archive.cut()
    archive.cut()
    assert verdicts(archive) == ["cut", "cut", "refused"]
    other = archive_of(server, archive.folder / "again")
    find(other)
    other.cut()
    assert other.radar.read_bytes() == archive.radar.read_bytes()
    assert other.optical.read_bytes() == archive.optical.read_bytes()


def test_only_what_failed_is_asked_for_again(server, tmp_path):
    archive = archive_of(server, tmp_path / "archive", connections=1)
    find(archive)
    server.faults = [None, None, 401]
    with pytest.raises(UserError, match="HTTP 401"):
        archive.cut()
    before = len(server.bodies)
    archive.cut()
    assert (before, len(server.bodies)) == (2, 4)


def test_the_corpus_must_say_that_it_is_sigma0():
    own = {"name": "earth-engine", "sentinel_1": None, "sentinel_2": None}
    with pytest.raises(UserError, match="is sigma0, not gamma0: set `calibration` to sigma0"):
        settings_of(provider=own)
    mine = {"collection": "projects/x/assets/rtc", "bands": {"VV": "VV", "VH": "VH"}}
    settings = settings_of(provider=own | {"sentinel_1": mine})
    assert settings.corpora["own"].calibration == "gamma0"
