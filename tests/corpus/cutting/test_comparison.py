"""Two corpora of the same places, one of them shifted and brighter by known amounts."""

import shutil

import numpy as np
import pandas as pd
import pytest
import scipy.ndimage
from tests.corpus.archives import SHARD

from speckle2vec.corpus.cutting.comparison import compare_corpora
from speckle2vec.corpus.cutting.patch_grid import patch_grid
from speckle2vec.corpus.cutting.patches import Series
from speckle2vec.corpus.cutting.shards import CutPlace
from speckle2vec.corpus.drawing import Drawing, Modality
from speckle2vec.corpus.layout import write_shard
from speckle2vec.errors import UserError
from speckle2vec.readers.simulated import relative_path
from speckle2vec.settings.corpus import OPTICAL_BANDS
from speckle2vec.settings.load import parse_settings

SIDE, PLACES = 96, 5
EAST_M, SOUTH_M, BRIGHTER_DB, BRIGHTER = 4.0, -6.0, 0.5, 0.01


def images(place: int, shifted: bool) -> tuple[np.ndarray, np.ndarray]:
    """Smooth random ground, (band, y, x) in dB and in reflectance x 10000."""
    random = np.random.default_rng(place)
    ground = scipy.ndimage.gaussian_filter(random.standard_normal((SIDE + 40, SIDE + 40)), 2)
    if shifted:  # what lay at x lies at x + shift
        ground = scipy.ndimage.shift(ground, (SOUTH_M / 10, EAST_M / 10), order=3)
    ground = ground[20:-20, 20:-20] / ground.std()
    decibels = np.stack([-12 + ground, -18 + ground]) + BRIGHTER_DB * shifted
    numbers = np.stack([2000 + 300 * ground] * len(OPTICAL_BANDS)) + 10_000 * BRIGHTER * shifted
    return decibels, numbers


def write(made, corpus, shifted, rows):
    attributes = {"units": "dB", "calibration": "gamma0", "offset": 0}
    for modality, bands, dtype, at in (("S1GRD", ("vv", "vh"), "float16", 0),
                                       ("S2L2A", OPTICAL_BANDS, "int16", 1)):  # fmt: skip

        def draw(modality=modality, dtype=dtype, at=at):
            for row in rows:
                grid = patch_grid(12 + row / 10, 48, 32632, SIDE)
                pixels = np.round(images(row, shifted)[at], 2).astype(dtype)[None]
                parts = {"bands": pixels}
                if modality == "S2L2A":
                    parts["cloud_mask"] = np.zeros((1, SIDE, SIDE), np.uint8)
                taken = Series(parts, (f"2021-06-0{1 + shifted}T06:00:00",), ("x",))
                place = CutPlace(f"{row:07d}", 12 + row / 10, 48, grid, 32632)
                yield Drawing(place, taken, parts)

        told = Modality(bands, dtype, attributes, "0 clear" if at else "", 1, SIDE)
        path = made / corpus / relative_path(SHARD, modality)
        write_shard(path, told, len(rows), draw())


@pytest.fixture
def settings():
    search = {"start": "2021-01-01", "end": "2021-12-31", "samples": "pair"}
    sampling = {"outlines": "x", "count": 9}
    corpus = {"source": "stac", "sampling": sampling, "size": SIDE, "search": search}
    tiny = {"source": "simulated", "size": "tiny"}
    return parse_settings({"corpora": {"one": corpus, "other": corpus, "tiny": tiny}}, "test")


def test_shift_and_brightness_are_found(settings, tmp_path):
    write(tmp_path, "one", False, range(PLACES))
    write(tmp_path, "other", True, [0, 2, 3, 9])
    compare_corpora(settings, ("one", "other"), tmp_path, tmp_path / "table.csv")
    table = pd.read_csv(tmp_path / "table.csv").set_index("band")
    assert table.index.tolist() == ["VV", "VH", "B04", "B08"]
    assert table["images"].tolist() == [3] * 4
    assert table["hours_apart"].tolist() == [24] * 4
    np.testing.assert_allclose(table["shift_east_m"], EAST_M, atol=0.6)
    np.testing.assert_allclose(table["shift_south_m"], SOUTH_M, atol=0.6)
    expected = [BRIGHTER_DB, BRIGHTER_DB, BRIGHTER, BRIGHTER]
    np.testing.assert_allclose(table["difference"], expected, rtol=0.15)


def test_a_corpus_does_not_differ_from_itself(settings, tmp_path):
    write(tmp_path, "one", False, range(PLACES))
    shutil.copytree(tmp_path / "one", tmp_path / "other")
    compare_corpora(settings, ("one", "other"), tmp_path, tmp_path / "table.csv")
    table = pd.read_csv(tmp_path / "table.csv")
    zero = ["hours_apart", "shift_east_m", "shift_south_m", "shift_m_95", "difference", "spread"]
    assert (table[zero].to_numpy() == 0).all()
    assert (table["images"] == PLACES).all()


def test_what_cannot_be_compared_is_told(settings, tmp_path):
    with pytest.raises(UserError, match="'tiny' is not cut from archives"):
        compare_corpora(settings, ("one", "tiny"), tmp_path, tmp_path / "table.csv")
    write(tmp_path, "one", False, [0])
    write(tmp_path, "other", True, [1])
    with pytest.raises(UserError, match="share no image"):
        compare_corpora(settings, ("one", "other"), tmp_path, tmp_path / "table.csv")
