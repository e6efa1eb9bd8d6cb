"""What a user's own stacks may declare, and what is refused."""

import pytest

from speckle2vec.errors import UserError
from speckle2vec.settings.corpus import OPTICAL_BANDS
from speckle2vec.settings.load import parse_settings

STACKS = {
    "source": "geotiff", "path": "stacks", "files": "*.tif", "pattern": "(?P<place>.*)",
    "units": "linear", "calibration": "gamma0", "dates": 4,
}  # fmt: skip
OPTICAL = {"files": "*_S2.tif", "pattern": "(?P<place>.*)_S2"}
EACH = {name: number for number, name in enumerate(OPTICAL_BANDS, 1)}


def corpus(**changes):
    return parse_settings({"corpora": {"own": {**STACKS, **changes}}}, "config").corpora["own"]


def test_what_is_left_out_is_usual():
    own = corpus(optical=OPTICAL)
    assert own.bands == {"VV": "VV", "VH": "VH"}
    assert (own.tile, own.places_per_shard) == (None, 1)
    assert own.optical.path is None
    assert own.optical.bands == {name: name for name in OPTICAL_BANDS}
    assert (own.optical.units, own.optical.scale) == ("dn", 10_000)


@pytest.mark.parametrize("missing", ["units", "calibration", "dates", "pattern", "files", "path"])
def test_what_no_one_can_guess_has_to_be_said(missing):
    told = {name: value for name, value in STACKS.items() if name != missing}
    with pytest.raises(UserError, match=rf"The setting `corpora\.own\S*{missing}` is missing"):
        parse_settings({"corpora": {"own": told}}, "config")


def test_bands_may_be_named_by_their_numbers():
    own = corpus(bands={"VH": 2, "VV": 1}, optical={**OPTICAL, "bands": EACH})
    assert own.bands == {"VH": 2, "VV": 1}
    assert own.optical.bands["B8A"] == 9


@pytest.mark.parametrize("bands", [{}, {"VV": 1}, {"VV": 1, "VH": 2, "HH": 3}, {"vv": 1, "vh": 2}])
def test_other_polarisations_are_refused(bands):
    with pytest.raises(UserError, match="bands must name VV and VH, each once, and nothing else"):
        corpus(bands=bands)


@pytest.mark.parametrize("bands", [
    {name: name for name in OPTICAL_BANDS if name != "B09"}, {**EACH, "B10": 13},
])  # fmt: skip
def test_fewer_or_more_optical_bands_are_refused(bands):
    with pytest.raises(UserError, match=r"bands must name B01, .*B8A, B09, B11, B12, each once"):
        corpus(optical={**OPTICAL, "bands": bands})


@pytest.mark.parametrize(("changes", "needed"), [
    ({}, True), ({"dates": 1}, False), ({"date_tag": "TIFFTAG_DATETIME"}, False),
])  # fmt: skip
def test_names_need_dates_where_nothing_else_tells_them(changes, needed):
    assert corpus(**changes).needs_date is needed


@pytest.mark.parametrize(("changes", "needed"), [
    ({}, True), ({"undated": True}, False), ({"date_tag": "TIFFTAG_DATETIME"}, False),
])  # fmt: skip
def test_optical_images_need_dates_but_for_those_chosen_by_hand(changes, needed):
    assert corpus(optical={**OPTICAL, **changes}).optical.needs_date is needed


@pytest.mark.parametrize(("changes", "named"), [
    ({"tile": 16}, "tile"), ({"places_per_shard": 0}, "places_per_shard"),
    ({"minimum_valid": 0}, "minimum_valid"), ({"id_prefix": "a\n"}, "id_prefix"),
    ({"optical_offset": -500}, "optical_offset"), ({"optical": {**OPTICAL, "scale": 0}}, "scale"),
])  # fmt: skip
def test_values_out_of_range_are_named(changes, named):
    with pytest.raises(UserError, match=rf"`corpora\.own\S*{named}` is wrong"):
        corpus(**changes)
