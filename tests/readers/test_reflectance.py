import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speckle2vec.errors import UserError
from speckle2vec.readers.reflectance import (
    Conversion,
    Said,
    check_units,
    conversion,
    linear,
    to_reflectance,
)

SILENT = Said()
NEW = "S2B_MSIL2A_20230110T101031_N0509_R022_T33UUP_20230110T120000"
OLD = "S2A_MSIL2A_20170613T101031_N0213_R022_T33UUP_20170613T120000"
FIRST = "S2A_MSIL2A_20220125T101031_N0400_R022_T33UUP"
BENCHMARK = "S2A_MSIL2A_20170613T101031_N9999_R022_T33UUP_26_57"


def said_by(said, names, declared):
    found = conversion(said, names, declared, 10_000, "a.tif")
    return found.offset, found.source


def test_who_says_the_offset_in_this_order():
    assert said_by(Said(offset=0), [NEW], None) == (0, "the file's own offset")
    assert said_by(SILENT, [NEW], None) == (-1000, "processing baseline 05.09 in its name")
    assert said_by(SILENT, [FIRST], None) == (-1000, "processing baseline 04.00 in its name")
    assert said_by(SILENT, [OLD], None) == (0, "processing baseline 02.13 in its name")
    assert said_by(SILENT, [BENCHMARK], 0) == (0, "the setting `optical_offset`")
    assert said_by(SILENT, [], -1000) == (-1000, "the setting `optical_offset`")
    assert said_by(SILENT, [NEW], -1000) == (-1000, "the setting `optical_offset`")
    assert said_by(Said(offset=0), [NEW], 0) == (0, "the file's own offset")


def test_who_declares_an_offset_knows_more_than_the_name_of_a_product():
    against = "the setting `optical_offset`, against processing baseline 05.09 in its name"
    assert said_by(SILENT, [NEW], 0) == (0, against)
    against = "the setting `optical_offset`, against processing baseline 02.13 in its name"
    assert said_by(SILENT, [OLD], -1000) == (-1000, against)


@pytest.mark.parametrize("names", [(), (BENCHMARK,), ("20200604T054639_T43RCP",), ("N0509",)])
def test_nothing_is_guessed(names):
    with pytest.raises(UserError, match=r"^a\.tif: does not say whether the 1000 .* set `opt"):
        conversion(SILENT, names, None, 10_000, "a.tif")


@pytest.mark.parametrize(
    ("said", "names", "declared", "sentence"),
    [
        (Said(offset=0), [NEW], -1000, "says that 0 is to be added .* says -1000; correct it"),
        (Said(offset=-1000), [], 0, "its own offset says that -1000"),
    ],
)
def test_file_and_settings_must_agree(said, names, declared, sentence):
    with pytest.raises(UserError, match=sentence):
        conversion(said, names, declared, 10_000, "a.tif")


def test_tags_are_taken_as_gdal_means_them():
    assert linear(1, 0) == SILENT
    assert linear(1e-4, -0.1) == Said(pytest.approx(10_000), pytest.approx(-1000))
    assert linear(1, -1000) == Said(None, -1000)
    assert linear(1e-4, 0) == Said(pytest.approx(10_000), None)
    found = conversion(linear(1 / 5000, -0.2), [], None, 10_000, "a.tif")
    assert (round(found.scale), found.offset) == (5000, -1000)


@given(
    numbers=st.lists(st.integers(-2000, 30_000), min_size=1, max_size=50),
    offset=st.sampled_from([0, -1000]),
    nodata=st.sampled_from([None, -9999.0, 65535.0]),
)
def test_reflectance_against_a_plain_loop(numbers, offset, nodata):
    found = to_reflectance(np.array(numbers, np.int16), Conversion(10_000, offset, ""), nodata)
    for number, value in zip(numbers, found, strict=True):
        if number in (0, nodata):
            assert np.isnan(value)
        else:
            assert value == pytest.approx(max((number + offset) / 10_000, 0), rel=1e-6)


def test_nodata_is_told_before_the_offset():
    how = Conversion(10_000, -1000, "")
    found = to_reflectance(np.array([0, 1000, 500, np.nan, 65535, 3000.0]), how, 65535)
    np.testing.assert_allclose(found, [np.nan, 0, 0, np.nan, np.nan, 0.2], rtol=1e-6)


@pytest.mark.parametrize(
    ("level", "units", "sentence"),
    [(0.3, "dn", "set `optical.units` to `reflectance`"), (2500, "reflectance", "to `dn`")],
)
def test_the_wrong_unit_is_told(level, units, sentence):
    image = np.full((4, 4), level, np.float32)
    with pytest.raises(UserError, match=sentence):
        check_units(image, units, "a.tif, band 1")
    check_units(image, "dn" if units == "reflectance" else "reflectance", "a.tif, band 1")
    check_units(np.full((4, 4), np.nan, np.float32), units, "a.tif, band 1")
