"""Cloud-optimised GeoTIFFs of classes and of their probabilities, written tile by tile.

The colour table stands in the TIFF. GDAL keeps category names, which QGIS shows as the
legend, in a file `{name}.tif.aux.xml` beside it, so that goes with it; the TIFF's own
metadata hold the names as well.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import rasterio
import rasterio.shutil
from odc.geo.geobox import GeoBox
from rasterio.errors import RasterioError
from rasterio.io import DatasetWriter

from speckle2vec.errors import UserError
from speckle2vec.products.labels import NODATA, LabelClass
from speckle2vec.products.whole import scratch_folder, whole_file
from speckle2vec.progress import LOGGER

BLOCK = 256
"""Side of the tiles inside a file, pixels."""
STEPS = 200
"""A probability of 1 as it is stored: numbers are in steps of half a percent."""
UNKNOWN = 255
"""Stands where there is no probability."""
_CACHE_MB = 64
_LARGE = 2**27
_NO_DATA, _UNUSED = "no data", "unused"


@contextmanager
def class_map(path: Path, grid: GeoBox, classes: Sequence[LabelClass]) -> Iterator[DatasetWriter]:
    """A map of class indices, 0 where there is none, with colour table and names.

    It has as few bits a pixel as hold the classes: QGIS lists every entry of a colour table,
    which has 256 of them with 8 bits. Readers see uint8 all the same.

    Args:
        path: The GeoTIFF; `{path}.aux.xml` holds the names of the classes.
        grid: Reference system, affine and shape.
        classes: The class table, with colours.

    Yields:
        One band of uint8 to write windows into.
    """
    bits = max(one.index for one in classes).bit_length()
    names = {NODATA: _NO_DATA, **{one.index: one.name for one in classes}}
    options = {"NBITS": bits, "OVERVIEW_RESAMPLING": "MODE"}
    with _new_cog(path, grid, 1, NODATA, options) as target:
        target.write_colormap(1, {NODATA: (0, 0, 0, 0), **_colours(classes)})
        target.set_band_description(1, "class")
        target.update_tags(1, **{f"class_{index}": name for index, name in names.items()})
        yield target
    table = [names.get(index, _UNUSED) for index in range(2**bits)]
    _write_category_names(names_file(path), "class", table)


@contextmanager
def probability_map(
    path: Path, grid: GeoBox, classes: Sequence[LabelClass]
) -> Iterator[DatasetWriter]:
    """A band of probabilities a class, described by its name.

    Numbers are 0 to 200 with a scale of 1/200, which QGIS applies by itself, and 255 where
    there is none: a quarter of the size of float32, in steps finer than a probability means.

    Args:
        path: The GeoTIFF.
        grid: Reference system, affine and shape.
        classes: The class table.

    Yields:
        Bands of uint8 to write windows into.
    """
    names_file(path).unlink(missing_ok=True)  # of an earlier map of that name
    with _new_cog(path, grid, len(classes), UNKNOWN, {"OVERVIEW_RESAMPLING": "AVERAGE"}) as target:
        target.scales = [1 / STEPS] * len(classes)
        target.descriptions = [one.name for one in classes]
        yield target


def names_file(path: Path) -> Path:
    """Where GDAL looks for the category names of a GeoTIFF."""
    return path.with_name(f"{path.name}.aux.xml")


@contextmanager
def _new_cog(
    path: Path, grid: GeoBox, bands: int, nodata: int, options: dict[str, Any]
) -> Iterator[DatasetWriter]:
    """A tiled file in a scratch folder, which is put into the order of a COG at the end.

    Only `CreateCopy` of GDAL writes COGs. Both steps work tile by tile, and tiles that were
    never written take no room.
    """
    height, width = grid.shape
    with (
        scratch_folder(path) as folder,
        rasterio.Env(GDAL_CACHEMAX=_CACHE_MB, GDAL_PAM_ENABLED=False),
    ):
        raw = folder / "tiles.tif"
        try:
            with rasterio.open(
                raw, "w", driver="GTiff", height=height, width=width, count=bands, dtype="uint8",
                crs=str(grid.crs), transform=grid.affine, nodata=nodata, tiled=True,
                blockxsize=BLOCK, blockysize=BLOCK, interleave="band", compress="deflate",
                zlevel=1, sparse_ok=True, bigtiff="if_safer",
            ) as target:  # fmt: skip
                yield target
            if height * width > _LARGE:
                LOGGER.info("Computing the overviews of %s; this takes minutes", path.name)
            with whole_file(path) as whole:
                rasterio.shutil.copy(
                    raw, whole, driver="COG", COMPRESS="DEFLATE", BLOCKSIZE=BLOCK,
                    SPARSE_OK=True, BIGTIFF="IF_SAFER", **options,
                )  # fmt: skip
        except RasterioError as error:
            raise UserError(
                f"{path}: cannot be written ({error}); see whether the disk is full, and run "
                "the same command again."
            ) from error


def _colours(classes: Sequence[LabelClass]) -> dict[int, tuple[int, int, int, int]]:
    return {one.index: (*bytes.fromhex(one.colour[1:]), 255) for one in classes}


def _write_category_names(path: Path, description: str, names: Sequence[str]) -> None:
    """The sidecar as GDAL writes it: its persistent auxiliary metadata."""
    root = ElementTree.Element("PAMDataset")
    band = ElementTree.SubElement(root, "PAMRasterBand", band="1")
    ElementTree.SubElement(band, "Description").text = description
    categories = ElementTree.SubElement(band, "CategoryNames")
    for name in names:
        ElementTree.SubElement(categories, "Category").text = name
    ElementTree.indent(root)
    with whole_file(path) as target:
        target.write_text(ElementTree.tostring(root, encoding="unicode") + "\n", encoding="utf-8")
