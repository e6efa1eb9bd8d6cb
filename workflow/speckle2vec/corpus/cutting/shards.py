"""Shards of patches that were cut, in the layout of SSL4EO-S12 v1.1."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from odc.geo.geobox import GeoBox

from speckle2vec.corpus.cutting.jobs import Job
from speckle2vec.corpus.cutting.numbers import CLOUD_CLASSES
from speckle2vec.corpus.cutting.patches import patch_path, read_patch
from speckle2vec.corpus.drawing import Drawing, Modality
from speckle2vec.corpus.layout import write_shard
from speckle2vec.corpus.providers import Collection
from speckle2vec.products.candidates import RADAR
from speckle2vec.readers.base import POLARISATIONS
from speckle2vec.settings.corpora import StacCorpus
from speckle2vec.settings.corpus import OPTICAL_BANDS


@dataclass(frozen=True)
class CutPlace:
    """Where a patch lies."""

    sample_id: str
    longitude: float
    latitude: float
    grid: GeoBox
    epsg: int


def write_cut(
    path: Path, corpus: StacCorpus, collection: Collection, jobs: Sequence[Job], folder: Path
) -> None:
    """Write the shard of one sensor from finished patches; memory holds one patch.

    Args:
        path: The `.zarr.zip`.
        corpus: The corpus.
        collection: Where the images come from.
        jobs: The places that have a patch, in their order.
        folder: Where the patches are.
    """
    modality = _radar(corpus, collection) if collection.role == RADAR else _optical(collection)
    shape = {"dates": corpus.dates, "side": corpus.size}
    told = Modality(modality.bands, modality.dtype, modality.attributes,
                    modality.cloud_classes, **shape)  # fmt: skip
    write_shard(path, told, len(jobs), _drawings(jobs, folder, collection.role, corpus.size))


def _drawings(jobs: Sequence[Job], folder: Path, role: str, size: int) -> Iterator[Drawing]:
    for job in jobs:
        patch = read_patch(patch_path(folder, job.place), role)
        series, grid = patch.sensors[role], job.grid(size)
        middle = grid.extent.centroid.to_crs("EPSG:4326")
        ((longitude, latitude),) = middle.points
        place = CutPlace(job.place, longitude, latitude, grid, patch.epsg)
        yield Drawing(place, series, series.images, series.notes)


def _radar(corpus: StacCorpus, collection: Collection) -> Modality:
    return Modality(
        tuple(name.lower() for name in POLARISATIONS), "float16",
        {**_source(collection), "units": "dB", "calibration": corpus.calibration,
         "units_note": f"The archive holds {collection.units}; nodata was masked first."},
    )  # fmt: skip


def _optical(collection: Collection) -> Modality:
    return Modality(
        OPTICAL_BANDS, "int16",
        {**_source(collection), "units": "surface reflectance x 10000", "offset": 0,
         "offset_note": "The 1000 that processing baseline 04.00 and later add was taken off "
         "where it was in the numbers; `offset_applied` says of each image what was added."},
        CLOUD_CLASSES,
    )  # fmt: skip


def _source(collection: Collection) -> Mapping[str, str]:
    return {
        "provider": collection.provider,
        "collection": collection.name,
        "processing_level": collection.level,
        "resampling": "copied where the pixels agree, else bilinear; classes nearest",
    }
