"""The stage: decoded images, and what else the same bytes would have kept, beside the originals."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from speckle2vec.evaluate.reconstruction.figure import draw_images
from speckle2vec.evaluate.reconstruction.ways import DECODER, FloatArray, Kept, others
from speckle2vec.measures.likeness import likeness
from speckle2vec.products.image_scores import write_image_scores
from speckle2vec.products.reconstructions import Reconstructions, open_reconstructions
from speckle2vec.progress import track
from speckle2vec.provenance import versions

LIBRARIES = ("rasterio", "scikit-image", "opencv-python-headless", "numpy")


def score_images(images: Path, output: Path, picture: Path) -> None:
    """Score every image by every way; memory holds one at a time.

    Args:
        images: Originals and decoded images, `results/reconstructions/{model}/images.zarr.zip`.
        output: The scores to write, Parquet.
        picture: A few samples to draw, PNG.

    Raises:
        UserError: The images are missing or damaged.
    """
    with open_reconstructions(images) as found:
        total = len(found.sample_ids)
        rows = [
            row
            for number in track(range(total), total, "Scoring images")
            for row in _rows(found, number)
        ]
        draw_images(found, picture)
    about = {**found.about, "scored_by": versions(*LIBRARIES)}
    write_image_scores(rows, about, output)


def ways_of(found: Reconstructions, number: int) -> Iterator[tuple[str, FloatArray, Kept]]:
    """Code, original and what each way makes of it, for every code of one sample."""
    images = found.read(number, number + 1)
    original = images.original[0]
    for code, decoded in images.decoded.items():
        most = found.about["bytes"][code]
        for kept in (Kept(DECODER, most, decoded[0]), *others(original, most)):
            yield code, original, kept


def _rows(found: Reconstructions, number: int) -> Iterator[dict[str, Any]]:
    for code, original, kept in ways_of(found, number):
        row: dict[str, Any] = {
            "sample_id": found.sample_ids[number],
            "block": found.blocks[number],
            "code": code,
            "way": kept.way,
            "bytes": kept.bytes,
        }
        if kept.image is not None:
            alike = likeness(original, kept.image)
            row |= {name: values.tolist() for name, values in alike._asdict().items()}
        yield row
