"""What a file of Sentinel-2 samples says of each."""

import pytest

from speckle2vec.readers import layout
from speckle2vec.readers.archives import group_of
from speckle2vec.readers.optical_described import described_samples


@pytest.fixture
def described(fakes):
    def read(dataset, otherwise=""):
        group = group_of(fakes.zipped(dataset))
        return described_samples(group, layout.sizes(group, "here"), "here", otherwise)

    return read


def test_rows_dates_grids_and_products_go_by_id(described, fakes):
    raw = fakes.optical(samples=2)
    found = described(raw.isel(sample=[1, 0]))
    assert {name: one.row for name, one in found.items()} == {"0000001": 0, "0000000": 1}
    one = found["0000001"]
    assert one.dates == tuple(raw["time_"].values[1])
    assert one.names == ("20200109T101031_T32TQM",) * 4
    assert one.grid.shape == (40, 40)
    assert one.grid.boundingbox.bbox == (500_000, 5_199_600, 500_400, 5_200_000)


def test_a_member_of_a_tar_is_called_as_it_was_named(described, fakes):
    raw = fakes.optical(samples=1).isel(sample=0)[["bands"]].drop_vars(["sample", "band"])
    raw = raw.assign_coords(time=fakes.optical()["time_"].values[0])
    (name,) = found = described(raw, "0420007")
    assert name == "0420007"
    assert found[name].grid is None
    assert found[name].names == ()


@pytest.mark.parametrize(
    ("attributes", "said", "nodata"),
    [
        ({}, (None, None), None),
        ({"offset": -1000}, (None, -1000), None),
        ({"scale_factor": 1e-4, "add_offset": -0.1}, (10_000, -1000), None),
        ({"scale_factor": 1e-4, "add_offset": -0.1, "offset": 0}, (10_000, 0), None),
        ({"offset": "none", "_FillValue": 17}, (None, None), 17),
    ],
)
def test_attributes_tell_scale_offset_and_nodata(described, fakes, attributes, said, nodata):
    raw = fakes.optical(samples=1)
    raw["bands"].attrs.update(attributes)
    (one,) = described(raw).values()
    assert one.said == pytest.approx(said)
    assert one.nodata == nodata


def test_attributes_of_the_bands_go_before_those_of_the_file(described, fakes):
    raw = fakes.optical(samples=1, offset=0)
    raw["bands"].attrs["offset"] = -1000
    (one,) = described(raw).values()
    assert one.said.offset == -1000
