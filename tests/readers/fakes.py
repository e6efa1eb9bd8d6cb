"""Small files in the exact layouts of the published releases and of users' stacks."""

import io
import tarfile
import warnings
import zipfile
from pathlib import Path

import numpy as np
import rasterio
import xarray as xr
import zarr
from rasterio.transform import from_origin

FIRST = np.datetime64("2020-01-10T05:30:00", "ns")
QUARTER = np.timedelta64(91, "D")


def published(samples=3, dates=4, side=40, seed=0, bands=("vv", "vh")) -> xr.Dataset:
    """A dataset as SSL4EO-S12 v1.1 describes its S1GRD files."""
    random = np.random.default_rng(seed)
    level = {"VV": -11.0, "VH": -18.0}
    means = np.array([level.get(name.upper(), 5.0) for name in bands])[:, None, None]
    values = random.normal(0, 2, (samples, dates, len(bands), side, side)) + means
    # Places 100 km apart in UTM zone 32 north.
    west = 400_000.0 + 1e5 * np.arange(samples)[:, None]
    axis = np.arange(side)
    per_sample = ("sample",)
    return xr.Dataset(
        {
            "bands": (("sample", "time", "band", "y", "x"), values.astype("float16")),
            "center_lat": (per_sample, np.full(samples, 47.0)),
            "center_lon": (per_sample, np.linspace(8, 9, samples)),
            "crs": (per_sample, np.full(samples, 32632)),
            "file_id": (("sample", "time"), np.full((samples, dates), "S1A_IW", dtype="<U67")),
            "time_": (
                ("sample", "time"),
                np.broadcast_to(FIRST + QUARTER * np.arange(dates), (samples, dates)),
            ),
            "x_": (("sample", "x"), west + 5 + 10.0 * axis),
            "y_": (("sample", "y"), 5_200_000.0 - 5 - 10.0 * axis + 0 * west),
        },
        coords={
            "band": np.array(bands), "time": np.arange(dates), "x": axis, "y": axis,
            "sample": np.array([f"{seed:03d}{row:04d}" for row in range(samples)]),
        },
    )  # fmt: skip


OPTICAL = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")


def optical(samples=3, side=40, seed=0, name="20200109T101031_T32TQM", bands=OPTICAL, **attributes):
    """A dataset as SSL4EO-S12 v1.1 describes its S2L2A files, a day before Sentinel-1."""
    whole = published(samples=samples, side=side, seed=seed, bands=bands)
    random = np.random.default_rng(seed + 1)
    values = random.integers(1, 6000, whole["bands"].shape).astype("int16")
    whole["bands"] = whole["bands"].dims, values
    whole["time_"] = whole["time_"] - np.timedelta64(1, "D")
    whole["file_id"] = whole["file_id"].dims, np.full(whole["file_id"].shape, name)
    return whole.assign_attrs(attributes)


def member(seed=0, side=40, raw=True, **kwargs) -> xr.Dataset:
    """One place as in the WebDataset release: `time` in nanoseconds, no grid, no band names."""
    whole = published(samples=1, side=side, seed=seed, **kwargs).isel(sample=0)
    dates = whole["time_"].values.astype("int64") if raw else whole["time_"].values
    kept = whole[["bands", "center_lat", "center_lon"]].drop_vars(["sample", "band"])
    return kept.assign_coords(time=dates)


def zipped(dataset: xr.Dataset, chunks=None, zarr_format=2, renamed=None) -> bytes:
    """The bytes of a `.zarr.zip`; a dimension may get a name that no longer fits."""
    store = zarr.storage.MemoryStore()
    encoding = {"bands": {"chunks": chunks}} if chunks else {}
    with warnings.catch_warnings(action="ignore"):
        dataset.to_zarr(store, zarr_format=zarr_format, encoding=encoding, consolidated=True)
    old, new = (f'"{name}"'.encode() for name in renamed or ("", ""))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(store._store_dict):
            content = store._store_dict[name].to_bytes()
            archive.writestr(name, content.replace(old, new) if renamed else content)
    return buffer.getvalue()


def write_zarr(
    root: Path, dataset: xr.Dataset, folder="train", number=1, modality="S1GRD", **kwargs
) -> Path:
    """A file of the Zarr release below `root`."""
    name = f"ssl4eos12_{folder}_seasonal_data_{number:06d}.zarr.zip"
    path = root / folder / modality / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zipped(dataset, **kwargs))
    return path


def tarred(members: dict[str, bytes]) -> bytes:
    """The bytes of a tar of members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members.items():
            information = tarfile.TarInfo(name)
            information.size = len(content)
            archive.addfile(information, io.BytesIO(content))
    return buffer.getvalue()


def write_tar(
    root: Path, members: dict[str, bytes], folder="train", number=1, modality="S1GRD"
) -> Path:
    """A file of the WebDataset release below `root`."""
    path = root / folder / modality / f"ssl4eos12_shard_{number:06d}.tar"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(tarred(members))
    return path


def write_raster(
    path: Path, values, origin=(500_000, 5_200_000), crs="EPSG:32632", nodata=None, pixel_m=10,
    tags=None, scale=None, offset=None,
):  # fmt: skip
    """A GeoTIFF of (y, x) or (band, y, x) values."""
    values = np.atleast_3d(values.T).T if values.ndim == 2 else values
    path.parent.mkdir(parents=True, exist_ok=True)
    georeference = {"crs": crs, "transform": from_origin(*origin, pixel_m, pixel_m)} if crs else {}
    with rasterio.open(
        path, "w", driver="GTiff", count=len(values), height=values.shape[1],
        width=values.shape[2], dtype=values.dtype, nodata=nodata, compress="deflate",
        **georeference,
    ) as raster:  # fmt: skip
        raster.write(values)
        raster.update_tags(**tags or {})
        if scale is not None:
            raster.scales = (scale,) * len(values)
        if offset is not None:
            raster.offsets = (offset,) * len(values)
    return path


def backscatter(seed=0, side=40, mean=-12.0):
    """An image in dB, (y, x) float32."""
    values = np.random.default_rng(seed).normal(mean, 2, (side, side))
    return values.astype(np.float32)


def write_stack(root: Path, place: str, dates, side=40, linear=False, bands=("VV", "VH"), **kwargs):
    """Files `{place}_{date}_{band}.tif`, one a date and band."""
    for number, date in enumerate(dates):
        for position, band in enumerate(bands):
            image = backscatter(100 * number + position, side, -12.0 - 6 * position)
            image = (10 ** (image / 10)).astype(np.float32) if linear else image
            write_raster(root / f"{place}_{date}_{band}.tif", image, **kwargs)


STACK = {
    "source": "geotiff", "path": ".", "files": "**/*.tif", "units": "db",
    "calibration": "sigma0", "dates": 2,
    "pattern": r"(?P<place>[^/]+)_(?P<date>\d{8})_(?P<band>[A-Z]+)\.tif$",
}  # fmt: skip
