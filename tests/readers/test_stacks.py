"""Which images of a user's files make up which sample."""

from collections import Counter
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speckle2vec.readers.patterns import RasterFile
from speckle2vec.readers.stacks import stacks_of

BY_FILE = {"VV": "VV", "VH": "VH"}


def corpus(dates=2, **bands):
    return SimpleNamespace(bands=bands or BY_FILE, dates=dates)


def file(place="p", date="2020-01-01", band="VV"):
    return RasterFile(f"{place}_{date}_{band}.tif", place, date, band)


def both(place, date):
    return [file(place, date, band) for band in ("VH", "VV")]


@given(
    st.sets(st.tuples(st.sampled_from("ab"), st.integers(10, 28), st.sampled_from(["VV", "VH"]))),
    st.sampled_from([1, 2, 4]),
    st.randoms(),
)
def test_every_file_is_in_one_stack_whatever_the_order_of_the_files(names, together, random):
    files = [file(place, f"2020-01-{day}", band) for place, day, band in names]
    stacks = stacks_of(files, corpus(together))
    used = [image.location for one in stacks for date in one.images for image in date]
    assert Counter(used) == Counter(one.location for one in files)
    assert [(one.place, one.dates) for one in stacks] == sorted(
        (one.place, one.dates) for one in stacks
    )
    for one in stacks:
        assert list(one.dates) == sorted(one.dates)
        whole = len(one.dates) == together and all(len(images) == 2 for images in one.images)
        assert bool(one.problem) != whole
        assert all(image.location.startswith(one.place) for date in one.images for image in date)
    random.shuffle(files)
    assert stacks_of(files, corpus(together)) == stacks


def test_vv_comes_before_vh_in_files_of_their_own_and_in_one_file():
    (found,) = stacks_of(both("p", "2020-01-01"), corpus(1))
    assert [(image.polarisation, image.band) for image in found.images[0]] == [("VV", 1), ("VH", 1)]
    assert [image.location[-6:] for image in found.images[0]] == ["VV.tif", "VH.tif"]
    (found,) = stacks_of([file(band="")], corpus(1, VV=3, VH=2))
    assert [(image.polarisation, image.band) for image in found.images[0]] == [("VV", 3), ("VH", 2)]


def test_a_date_with_one_polarisation_stands_where_its_date_is_and_breaks_no_group():
    files = [one for day in ("01", "03", "04", "05") for one in both("p", f"2020-01-{day}")]
    stacks = stacks_of([*files, file("p", "2020-01-02", "VH")], corpus(2))
    assert [(one.name, one.problem) for one in stacks] == [
        ("p_20200101", ""),
        ("p_20200102", "2020-01-02 has only VH, in p_2020-01-02_VH.tif"),
        ("p_20200104", ""),
    ]


def test_without_dates_the_place_is_the_name_and_what_is_told():
    (whole,) = stacks_of(both("spot", ""), corpus(1))
    assert (whole.name, whole.dates, whole.problem) == ("spot", ("",), "")
    (half,) = stacks_of([file("spot", "")], corpus(1))
    assert half.problem == "spot has only VV, in spot__VV.tif"


@pytest.mark.parametrize("together", [1, 2])
def test_samples_that_begin_on_one_day_have_names_of_their_own(together):
    times = ["2020-01-01T05:30:00", "2020-01-01T05:31:00", "2020-01-01T17:10:00", "2020-01-02"]
    stacks = stacks_of([one for time in times for one in both("p", time)], corpus(together))
    assert len({one.name for one in stacks}) == len(stacks)


def test_no_files_make_no_stacks():
    assert stacks_of([], corpus()) == []
