import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.transform import resize

from speckle2vec.choices import feature_module
from speckle2vec.errors import UserError
from speckle2vec.preprocess.base import load_feature_set
from speckle2vec.preprocess.sar_temporal import FEATURES, SarTemporalFeatures
from speckle2vec.settings.load import parse_settings
from speckle2vec.settings.stages import Bilateral, SarTemporal

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import literal_report

SETTINGS = parse_settings({"corpora": {"demo": {"source": "simulated"}}}, "test")
DATES = tuple(np.array(["2020-01-15", "2020-04-02", "2020-07-30", "2020-10-11"], "M8[ms]"))


def scene(shape=(96, 120), dates=4, seed=0):
    """Backscatter in dB, (date, polarisation, y, x), under four-look speckle."""
    random = np.random.default_rng(seed)
    parcels = np.kron(random.normal(0, 3, (dates, 1, 12, 15)), np.ones((8, 8)))
    parcels = np.resize(parcels, (dates, 1, *shape)) + np.array([-12, -19])[:, None, None]
    speckle = 10 * np.log10(random.gamma(4, 1 / 4, (dates, 2, *shape)))
    return (parcels + speckle).astype("f2").astype("f4")


def compute(images, dates=DATES, **changed):
    return SarTemporalFeatures(SarTemporal(**changed)).compute(images, dates[: len(images)])


@pytest.mark.parametrize("shape", [(264, 264), (100, 100), (33, 47)])
@pytest.mark.parametrize("dates", [1, 2, 4])
def test_the_default_is_the_report_word_for_word(shape, dates):
    for seed in range(3):
        images = scene(shape, dates, seed)
        expected = literal_report.features(images)
        found = compute(images)
        assert found.shape == (12, 64, 64)
        assert found.dtype == np.float32
        for feature, ours, theirs in zip(FEATURES, found, expected, strict=True):
            spread = theirs.std()
            assert np.abs(ours - theirs).max() <= 1e-4 * spread + 1e-6, feature


def test_features_are_named_in_order():
    assert FEATURES == (
        "vv_mean", "vh_mean", "clahe_mean", "sobel_mean",
        "vv_std", "vh_std", "clahe_std", "sobel_std",
        "vv_difference", "vh_difference", "clahe_difference", "sobel_difference",
    )  # fmt: skip


def test_names_stand_for_what_they_say():
    images = np.full((2, 2, 64, 64), -10, np.float32)
    images[0, 0, 8:40], images[1, 0, 8:40] = -8, -4
    images[:, 1] = -20
    cube = dict(zip(FEATURES, compute(images), strict=True))
    inside = np.s_[20:30, 10:50]
    np.testing.assert_allclose(cube["vv_mean"][inside], -6, atol=1e-4)
    np.testing.assert_allclose(cube["vv_std"][inside], 2, atol=1e-4)
    np.testing.assert_allclose(cube["vv_difference"][inside], 4, atol=1e-4)
    np.testing.assert_allclose(cube["vh_mean"], -20, atol=1e-4)
    assert not cube["vh_std"].any()


def test_one_date_has_neither_spread_nor_difference():
    cube = compute(scene(dates=1))
    assert cube[:4].std() > 0
    assert not cube[4:].any()


@pytest.mark.parametrize(
    ("changed", "unit"),
    [({}, "grey level / 8 pixels"), ({"sobel_source": "denoised"}, "dB / 8 pixels")],
)
def test_every_feature_has_a_unit(changed, unit):
    attributes = SarTemporalFeatures(SarTemporal(**changed)).attributes
    assert attributes["features"] == list(FEATURES)
    assert attributes["units"]["vv_std"] == attributes["units"]["vh_difference"] == "dB"
    assert attributes["units"]["clahe_mean"] == "grey level"
    assert {attributes["units"][name] for name in FEATURES if "sobel" in name} == {unit}
    assert "median" in attributes["nodata"]
    assert attributes["recipe"]["bilateral"]["sigma_color"] == 75


def by_hand(images, clahe_reads, sobel_reads, kernel=(9, 75, 75)):
    """The features step by step from OpenCV and scikit-image alone."""
    series = []
    for vv, vh in images:
        denoised = cv2.bilateralFilter(vv, *kernel)
        clahe = literal_report.apply_clahe(vv if clahe_reads == "raw" else denoised)
        sobel = literal_report.sobel_edges(clahe if sobel_reads == "clahe" else denoised)
        series.append(np.stack([denoised, cv2.bilateralFilter(vh, *kernel), clahe, sobel]))
    stack = np.stack(series).astype("f8")
    maps = np.concatenate([stack.mean(axis=0), stack.std(axis=0), stack[-1] - stack[0]])
    return np.stack([resize(one, (64, 64), mode="reflect", anti_aliasing=True) for one in maps])


@pytest.mark.parametrize("clahe_source", ["denoised", "raw"])
@pytest.mark.parametrize("sobel_source", ["clahe", "denoised"])
def test_the_sources_of_clahe_and_sobel_are_settings(clahe_source, sobel_source):
    images = scene()
    found = compute(images, clahe_source=clahe_source, sobel_source=sobel_source)
    expected = by_hand(images, clahe_source, sobel_source)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-3)
    assert np.abs(expected - by_hand(images, "denoised", "clahe")).max() > 1 or (
        (clahe_source, sobel_source) == ("denoised", "clahe")
    )


def test_a_filter_in_decibels_keeps_edges_that_the_reports_smooths():
    images = scene()
    kernel = Bilateral(sigma_color=2.0)
    found = compute(images, bilateral=kernel)
    np.testing.assert_allclose(
        found, by_hand(images, "denoised", "clahe", (9, 2.0, 75)), rtol=0, atol=2e-3
    )
    assert found[FEATURES.index("vv_mean")].std() > compute(images)[0].std()


def test_season_order_turns_the_difference_into_winter_less_spring():
    images = scene()
    by_season = compute(images, order="season")
    np.testing.assert_allclose(by_season, compute(images[[1, 2, 3, 0]]), atol=1e-4)
    assert np.abs(by_season[8:] - compute(images)[8:]).max() > 1


def test_dates_must_be_known_to_have_a_season():
    dates = (*DATES[:3], np.datetime64("NaT"))
    with pytest.raises(UserError, match=r"no season; set .*order` to `date`"):
        compute(scene(), dates, order="season")
    compute(scene(), dates, order="date")


def test_nodata_is_filled_date_by_date_before_filtering():
    images = scene()
    images[2, 0, :10] = np.nan
    images[1, 1, 40:50, 3] = np.nan
    filled = images.copy()
    filled[2, 0, :10] = np.nanmedian(images[2, 0])
    filled[1, 1, 40:50, 3] = np.nanmedian(images[1, 1])
    found = compute(images)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found, compute(filled))


def test_an_image_without_a_finite_pixel_is_refused():
    images = scene()
    images[3, 1] = np.nan
    with pytest.raises(UserError, match="VH of date 4 has no finite pixel"):
        compute(images)


def test_a_constant_image_gives_finite_features():
    assert np.isfinite(compute(np.full((4, 2, 64, 64), -11, np.float32))).all()


def test_the_size_is_a_setting():
    found = compute(scene(), size=32)
    assert found.shape == SarTemporalFeatures(SarTemporal(size=32)).shape == (12, 32, 32)


def test_a_feature_set_is_found_by_its_name():
    found = load_feature_set("sar-temporal", SETTINGS)
    assert isinstance(found, SarTemporalFeatures)
    assert feature_module("sar-temporal") == "speckle2vec.preprocess.sar_temporal"


def test_an_unknown_feature_set_lists_the_valid_ones():
    with pytest.raises(UserError, match=r"no feature set `sar-temporl`; did you mean `sar-temp"):
        load_feature_set("sar-temporl", SETTINGS)
    with pytest.raises(UserError, match="Valid names: sar-temporal"):
        load_feature_set("spectrogram", SETTINGS)
