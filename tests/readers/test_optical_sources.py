"""Files of many Sentinel-2 samples: found by id, decoded no more than needed, and let go."""

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.readers import optical_sources
from speckle2vec.readers.optical_sources import TarSource, ZarrSource

SIDE = 8


@pytest.fixture
def counted(monkeypatch):
    """The calls of a function of some module."""

    def count(module, name):
        calls, real = [], getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *given: calls.append(given) or real(*given), raising=True
        )
        return calls

    return count


@pytest.fixture
def members(fakes, tmp_path):
    """A tar of places by the names of its members, and their numbers."""

    def write(*names, named=True):
        datasets = [fakes.optical(samples=1, side=SIDE, seed=seed) for seed in range(len(names))]
        kept = [dataset.isel(sample=0, drop=not named) for dataset in datasets]
        zips = {f"{n}.zarr.zip": fakes.zipped(one) for n, one in zip(names, kept, strict=True)}
        path = fakes.write_tar(tmp_path, zips, modality="S2L2A")
        return str(path), [dataset["bands"].values[0] for dataset in datasets]

    return write


@pytest.mark.parametrize(("together", "reads"), [(1, 7), (3, 3), (7, 1)])
def test_samples_that_are_stored_together_are_decoded_once_a_date(
    fakes, tmp_path, counted, together, reads
):
    dataset = fakes.optical(samples=7, side=SIDE)
    path = fakes.write_zarr(tmp_path, dataset, chunks=(together, 1, 12, SIDE, SIDE))
    source, calls = ZarrSource(str(path)), counted(optical_sources.bands, "numbers")
    for row in range(7):
        for date in (3, 0):
            found = source.read(row, date)
            np.testing.assert_array_equal(found, dataset["bands"].values[row, date])
            assert found.dtype == np.int16
    assert len(calls) == 2 * reads
    source.close()


def test_rows_in_any_order_are_the_right_ones(fakes, tmp_path):
    dataset = fakes.optical(samples=5, side=SIDE)
    path = fakes.write_zarr(tmp_path, dataset, chunks=(2, 4, 12, SIDE, SIDE))
    source = ZarrSource(str(path))
    for row, date in np.random.default_rng(0).integers(0, (5, 4), (40, 2)).tolist():
        np.testing.assert_array_equal(source.read(row, date), dataset["bands"].values[row, date])
    assert source.find("0000004").row == 4
    assert source.find("4") is None
    source.close()


def test_a_member_that_is_called_by_its_id_is_found_without_opening_others(members, counted):
    path, values = members("a", "b.c", "d", named=False)
    opened = counted(optical_sources, "group_of")
    source = TarSource(path)
    assert source.find("d").row == 2
    assert len(opened) == 1
    np.testing.assert_array_equal(source.read(2, 1), values[2][1])
    assert len(opened) == 1
    assert source.find("b").row == 1
    assert source.find("e") is None
    source.close()


def test_the_id_inside_a_member_goes_before_its_name(members):
    path, values = members("0010000", "x")
    source = TarSource(path)
    assert source.find("0010000").row == 1
    assert source.find("0000000").row == 0
    assert source.find("x") is None
    for row in (0, 1, 0):
        np.testing.assert_array_equal(source.read(row, 3), values[row][3])
    source.close()


@pytest.mark.parametrize("kind", [ZarrSource, TarSource])
def test_a_file_that_is_none_is_closed_and_told(tmp_path, counted, monkeypatch, kind):
    path = tmp_path / "none"
    path.write_bytes(b"not at all " * 99)
    held, real = [], optical_sources.open_binary
    monkeypatch.setattr(
        optical_sources, "open_binary", lambda name: held.append(real(name)) or held[0]
    )
    with pytest.raises(UserError, match=r"none: cannot be read \(.*\); the file is incomplete"):
        kind(str(path))
    assert held[0].closed
