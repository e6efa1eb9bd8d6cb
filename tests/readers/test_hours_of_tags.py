"""Times in tags that are not those of Greenwich."""

import numpy as np
import pytest

from speckle2vec.readers.patterns import RasterFile
from speckle2vec.readers.rasters import dated_by_tag


@pytest.mark.parametrize(
    ("told", "date"),
    [
        ("2020-06-01T16:04:18Z", "2020-06-01T16:04:18"),
        ("2020-06-01T16:04:18+00:00", "2020-06-01T16:04:18"),
        ("2020-06-01T01:00:00+02:00", "2020-05-31T23:00:00"),
        ("20200601T230000-0300", "2020-06-02T02:00:00"),
        ("2020-06-01", "2020-06-01"),
    ],
)
def test_a_time_of_another_zone_is_that_of_greenwich(tmp_path, fakes, told, date):
    path = fakes.write_raster(tmp_path / "p.tif", np.ones((2, 2), np.uint8), tags={"when": told})
    (file,) = dated_by_tag([RasterFile(str(path), "p", "", "")], "when")
    assert file.date == date
