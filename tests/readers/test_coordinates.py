"""What a Zarr group says of its samples beside their pixels."""

import numpy as np
import pytest

from speckle2vec.errors import UserError
from speckle2vec.readers import coordinates, layout
from speckle2vec.readers.archives import group_of

UNKNOWN = np.iinfo(np.int64).min


@pytest.fixture
def asked(fakes):
    """What a function of the module says of a dataset."""

    def ask(function, dataset):
        group = group_of(fakes.zipped(dataset))
        return function(group, layout.sizes(group, "here"), "here")

    return ask


def west_of(grids):
    return [grid.affine.c for grid in grids]


def test_a_date_that_is_not_known_leaves_the_others_alone(asked, fakes):
    dataset = fakes.member()
    stored = dataset["time"].values.copy()
    stored[2] = UNKNOWN
    (found,) = asked(coordinates.dates, dataset.assign_coords(time=stored))
    assert np.isnat(found).tolist() == [False, False, True, False]
    assert [str(date)[:10] for date in found[[0, 3]]] == ["2020-01-10", "2020-10-09"]


def test_dates_of_each_sample_go_first_but_where_they_only_count_images(asked, fakes):
    dataset = fakes.published(samples=2)
    counted = np.tile(np.arange(4), (2, 1))
    dates = dataset["time_"].values[0]
    dataset = dataset.assign(time_=(("sample", "time"), counted)).assign_coords(time=dates)
    found = asked(coordinates.dates, dataset)
    np.testing.assert_array_equal(found, [dates.astype("M8[ms]")] * 2)
    later = dates + np.timedelta64(1, "D")
    dataset = dataset.assign(time_=(("sample", "time"), np.tile(later, (2, 1))))
    found = asked(coordinates.dates, dataset)
    np.testing.assert_array_equal(found, [later.astype("M8[ms]")] * 2)


def test_axes_that_are_stored_the_other_way_round_are_the_same_axes(asked, fakes):
    dataset = fakes.published()
    turned = dataset.assign(x_=dataset["x_"].transpose("x", "sample"))
    assert asked(coordinates.grids, turned) == asked(coordinates.grids, dataset)


def test_only_the_grid_of_the_sample_whose_axis_is_broken_is_guessed(asked, fakes):
    dataset = fakes.published()
    true = west_of(asked(coordinates.grids, dataset))
    dataset["x_"].values[1, 20] = np.nan
    found = asked(coordinates.grids, dataset)
    assert [one == other for one, other in zip(west_of(found), true, strict=True)] == [
        True, False, True,
    ]  # fmt: skip
    assert found[1].shape == (40, 40)


def test_a_sample_whose_code_is_missing_does_not_cost_the_others_their_grids(asked, fakes):
    """Whole numbers of which one is missing are kept as floating-point numbers."""
    dataset = fakes.published()
    true = west_of(asked(coordinates.grids, dataset))
    dataset = dataset.assign(crs=("sample", np.array([32632, np.nan, 32632])))
    found = asked(coordinates.grids, dataset)
    assert [west_of(found)[row] for row in (0, 2)] == [true[0], true[2]]
    assert found[1].crs.epsg == 32632


def test_names_of_products_are_text_however_they_are_stored(asked, fakes):
    dataset = fakes.published(samples=2)
    dataset = dataset.assign(file_id=(("sample", "time"), np.full((2, 4), b"S1A_IW")))
    assert asked(coordinates.file_ids, dataset).tolist() == [["S1A_IW"] * 4] * 2
    assert asked(coordinates.file_ids, dataset.drop_vars("file_id")) is None


def test_names_of_fewer_images_than_there_are_is_a_sentence(asked, fakes):
    dataset = fakes.published(samples=2)
    cut = dataset["file_id"].values[:, :3]
    group = group_of(
        fakes.zipped(dataset.assign(file_id=(("sample", "when"), cut)), renamed=("when", "time"))
    )
    with pytest.raises(UserError, match=r"here: `file_id` has the sizes .*3.*'time': 4"):
        coordinates.file_ids(group, layout.sizes(group, "here"), "here")


def test_the_id_in_a_file_goes_before_that_of_its_name(fakes):
    named = fakes.published(samples=1, seed=7).isel(sample=0)
    for dataset, ids in ((named, ["0070000"]), (named.drop_vars("sample"), ["other"])):
        group = group_of(fakes.zipped(dataset))
        assert coordinates.sample_ids(group, "here", "other") == ids
    with pytest.raises(UserError, match="here: has no coordinate `sample`"):
        coordinates.sample_ids(group, "here")
