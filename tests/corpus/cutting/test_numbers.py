"""Numbers of archives as those of shards: backscatter, reflectance, clouds, offsets."""

from dataclasses import replace

import numpy as np
import pytest
from tests.corpus.archives import settings_of

from speckle2vec.corpus.cutting.numbers import cloud_mask, decibels, offset_of, reflectance
from speckle2vec.corpus.providers import GRD, RTC
from speckle2vec.corpus.troubles import UnusableError
from speckle2vec.errors import UserError

NAN = np.nan


@pytest.mark.parametrize(
    ("collection", "stored", "expected"),
    [
        (RTC, [0.001, 0.1, 1.0, 10.0], [-30, -10, 0, 10]),
        (RTC, [-32768, 0.1, 0.0, NAN], [NAN, -10, NAN, NAN]),
        (RTC, [-0.001, 0.01, np.inf, 0.1], [NAN, -20, NAN, -10]),
        (replace(RTC, nodata=NAN), [NAN, 0.1, 1.0, 0.01], [NAN, -10, 0, -20]),
        (replace(RTC, nodata=0.1), [0.1, 0.01, 1.0, 0.1], [NAN, -20, 0, NAN]),
        (GRD, [0.0, -12.5, -25.0, 3.0], [NAN, -12.5, -25, 3]),
        (GRD, [-9999.0, -12.5, -25.0, NAN], [NAN, -12.5, -25, NAN]),
        (RTC, [-32768] * 4, [NAN] * 4),
    ],
)
def test_backscatter_in_decibels(collection, stored, expected):
    values = np.array(stored, np.float32).reshape(2, 2)
    before = values.copy()
    found = decibels(values, collection, "VV of x")
    assert found.dtype == np.float16
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-3)
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize(
    ("collection", "stored"), [(RTC, [-12.0, -15.0, -9.0]), (GRD, [0.01, 0.2, 0.1])]
)
def test_an_image_in_other_units_can_not_be_used(collection, stored):
    with pytest.raises(UnusableError, match=r"VV of x: .* though `units` is"):
        decibels(np.array([stored], np.float32), collection, "VV of x")


@pytest.mark.parametrize("offset", [0, -1000, 1000])
def test_every_number_that_can_be_stored_becomes_its_reflectance(offset):
    stored = np.arange(2**16, dtype=np.uint16).reshape(256, 256)
    found = reflectance(stored, offset)
    assert found.dtype == np.int16
    expected = [0] + [min(max(one + offset, 1), 32_767) for one in range(1, 2**16)]
    assert found.ravel().tolist() == expected


def test_classes_of_a_scene_are_clear_clouds_shadows_or_unknown():
    classes = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert cloud_mask(classes, (3, 4)).tolist() == [
        [255, 0, 0, 3],  # no data, defective, dark, cloud shadow
        [0, 0, 0, 0],  # vegetation, bare, water, unclassified
        [1, 1, 2, 0],  # medium, high, cirrus, snow
    ]
    unknown = cloud_mask(None, (2, 3))
    assert (unknown.shape, unknown.dtype) == ((2, 3), np.uint8)
    assert (unknown == 255).all()


@pytest.mark.parametrize(
    ("found", "declared", "offset"),
    [(0, None, 0), (-1000, None, -1000), (None, 0, 0), (None, -1000, -1000), (0, 0, 0),
     (-1000, -1000, -1000)],
)  # fmt: skip
def test_the_item_or_the_settings_say_the_offset(found, declared, offset):
    corpus = settings_of(optical_offset=declared).corpora["own"]
    assert offset_of({"item": "x", "offset": found}, corpus) == offset


@pytest.mark.parametrize(
    ("found", "declared", "sentence"),
    [
        (
            None,
            None,
            "x: does not say .*harmonised` of the corpus to false.*`optical_offset` to -1000",
        ),
        (0, -1000, "x: its offset is 0, `optical_offset` of the corpus says -1000.*harmonised`"),
        (-1000, 0, "x: its offset is -1000, `optical_offset` of the corpus says 0"),
    ],
)
def test_an_offset_that_nobody_or_two_say_differently_is_told(found, declared, sentence):
    corpus = settings_of(optical_offset=declared).corpora["own"]
    with pytest.raises(UserError, match=sentence):
        offset_of({"item": "x", "offset": found}, corpus)
