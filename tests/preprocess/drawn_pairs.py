"""Pairs of images that are drawn, and their cubes."""

import numpy as np
import zarr
from zarr.storage import ZipStore

from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.base import OpticalImage, PairError, Sample

KEY = ShardKey("stacks", "place-1")
STACKS = {
    "source": "geotiff", "path": "stacks", "files": "*.tif", "pattern": "(?P<place>.*)",
    "units": "db", "calibration": "gamma0", "dates": 2,
}  # fmt: skip
UNDATED = {"optical": {"files": "*", "pattern": "(?P<place>.*)", "undated": True}}
RADAR = tuple(np.array(["2020-01-03T05:00", "2020-06-03T05:00"], "M8[ms]"))
OPTICAL = tuple(np.array(["2020-01-05T10:00", "2020-05-30T10:00", "2020-06-02T10:00"], "M8[ms]"))


class DrawnRadar:
    def __init__(self, shapes):
        self.shapes = shapes
        self.samples = tuple(
            Sample(f"s{row}", row, f"s{row}", None, RADAR) for row in range(len(shapes))
        )

    def read(self, row):
        shape = 2, 2, *self.shapes[row]
        return np.random.default_rng(row).normal(-12, 4, shape).astype(np.float32)

    def close(self):
        pass


class DrawnOptical:
    """Images that are drawn; what is in `gaps` is their share of unknown pixels, by date."""

    def __init__(self, shapes, dates=OPTICAL, gaps=None, offset=0):
        self.shapes, self.given, self.gaps, self.offset = shapes, dates, gaps or {}, offset
        self.reads, self.closed = [], False

    def dates(self, sample):
        if self.given is None:
            raise PairError(f"there is no Sentinel-2 image of place {sample.place}")
        return self.given

    def whole(self, row, date):
        random = np.random.default_rng([row, date])
        return random.uniform(0, 0.6, (12, *self.shapes[row])).astype(np.float32)

    def read(self, sample, date, window):
        self.reads.append((sample.row, date))
        values = self.whole(sample.row, date)[:, window[0], window[1]]
        share = self.gaps.get(date, 0)
        if share is None:
            raise PairError("b.tif covers other ground than Sentinel-1")
        values[4, : round(share * values.shape[1])] = np.nan
        return OpticalImage(values, self.offset, "the test")

    def close(self):
        self.closed = True


def recorded(path):
    """What is recorded of each sample beside its cube."""
    group = zarr.open_group(ZipStore(path, mode="r"), mode="r")
    names = ("delay_days", "native", "optical_offset", "optical_offset_source")
    return {name: np.asarray(group[name][:]) for name in names}
