"""Small pictures show the samples they are of, in the colours that are told."""

import base64
from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.report.made_run import FEATURES, IDS, KEYS, STATISTICS, cube_of

from speckle2vec.errors import UserError
from speckle2vec.preprocess import fusion, sar_temporal
from speckle2vec.report import sheets
from speckle2vec.report.pixels import (
    as_uri,
    composite_of,
    feature_picture,
    levels,
    limits_of,
    thumbnails,
)
from speckle2vec.report.sheets import draw_sheets, side_for


def decoded(uri):
    """The picture of a data URI, red first."""
    head, _, body = uri.partition(",")
    assert head == "data:image/webp;base64"
    packed = np.frombuffer(base64.b64decode(body), np.uint8)
    return cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1]


def test_grey_levels_span_two_deviations():
    assert limits_of("vv_mean", STATISTICS) == (-20, -4)
    assert limits_of("vv_std", STATISTICS) == (0, 2)
    assert limits_of("vv_difference", STATISTICS) == (-4, 4)
    values = np.array([[-30, -20, -12, -4, 0, np.nan]], np.float32)
    assert levels(values, (-20, -4)).tolist() == [[0, 0, 128, 255, 255, 0]]


def test_a_constant_feature_has_a_picture():
    still = replace(STATISTICS, std=(0.0,) * 4)
    low, high = limits_of("vv_mean", still)
    assert low < high


@pytest.mark.parametrize(
    ("features", "chosen"),
    [
        (("B02", "B03", "B04", "VV"), (2, 1, 0)),
        (("vh_mean", "vv_std", "vv_mean"), (2, 0, 1)),
        (("one", "two"), (0, 1, 1)),
    ],
)
def test_colours_are_made_of_the_features_told(features, chosen):
    assert composite_of(features)[0] == chosen


def test_the_colours_of_both_feature_sets_are_told():
    assert composite_of(tuple(fusion.FEATURES))[1] == "Sentinel-2 in true colour"
    assert composite_of(tuple(sar_temporal.FEATURES))[1].startswith("red is VV")


def test_a_small_picture_is_the_mean_of_what_it_covers():
    cube = cube_of(KEYS[0], 4)
    cube[0, :16] += 4
    small = thumbnails(cube[None], STATISTICS, 16)[0]
    # VV -16 and -12 of -20..-4; VH -22 of -26..-10; VV's deviation 1 of 0..2
    assert small[0, 0].tolist() == [128, 64, 128]
    assert small[-1, 0].tolist() == [64, 64, 128]


def test_differences_are_purple_below_and_orange_above():
    picture = feature_picture(cube_of(KEYS[0], 0), "vv_difference", STATISTICS, 32).astype(int)
    assert picture[0, 0, 2] > picture[0, 0, 0]  # more blue than red
    assert picture[-1, 0, 0] > picture[-1, 0, 2]


def test_every_sample_stands_at_its_place(small_run, monkeypatch):
    monkeypatch.setattr(sheets, "SHEET", 256)  # 4 x 4 pictures of 64 pixels
    drawn = draw_sheets(small_run.products.cubes, IDS, STATISTICS)
    assert (drawn.side, drawn.across, len(drawn.uris)) == (64, 4, 2)
    pages = [decoded(uri) for uri in drawn.uris]
    assert [page.shape for page in pages] == [(256, 256, 3), (128, 256, 3)]
    for place in range(24):
        sheet, within = divmod(place, 16)
        line, column = divmod(within, 4)
        patch = pages[sheet][line * 64 : line * 64 + 64, column * 64 : column * 64 + 64]
        key, row = KEYS[place // 12], place % 12
        red, green = 255 * row / 16, 255 * (row + 4 * (key == KEYS[1])) / 16
        found = patch.reshape(-1, 3).mean(axis=0)
        assert found == pytest.approx((red, green, 127.5), abs=6)


def test_a_share_of_the_samples_is_drawn(small_run):
    some = {KEYS[0]: ["a3", "a7"], KEYS[1]: ["b2"]}
    drawn = draw_sheets(small_run.products.cubes, some, STATISTICS)
    (page,) = map(decoded, drawn.uris)
    reds = [page[32, 64 * place + 32, 0] for place in range(3)]
    assert reds == pytest.approx([255 * row / 16 for row in (3, 7, 2)], abs=6)


def test_pictures_get_smaller_as_samples_get_more():
    sides = [side_for(samples) for samples in (1, 1500, 1501, 6000, 6001, 25_000)]
    assert sides == [64, 64, 48, 48, 32, 32]


def test_cubes_in_another_order_are_refused(small_run):
    others = IDS | {KEYS[1]: IDS[KEYS[1]][::-1]}
    with pytest.raises(UserError, match=r"two\.zarr\.zip: holds its samples in another order"):
        draw_sheets(small_run.products.cubes, others, STATISTICS)


def test_a_sample_without_a_cube_is_refused(small_run):
    others = IDS | {KEYS[0]: [*IDS[KEYS[0]], "b1"]}
    with pytest.raises(UserError, match=r"one\.zarr\.zip: has no cube of b1, which has an embed"):
        draw_sheets(small_run.products.cubes, others, STATISTICS)


def test_cubes_of_other_features_are_refused(small_run):
    others = replace(STATISTICS, features=FEATURES[::-1])
    with pytest.raises(UserError, match=r"one\.zarr\.zip: holds the features vv_mean, vh_mean"):
        draw_sheets(small_run.products.cubes, IDS, others)


def test_a_picture_survives_its_packing():
    image = np.full((32, 32, 3), (200, 40, 90), np.uint8)
    assert np.abs(decoded(as_uri(image, 80)).astype(int) - image).max() < 12
