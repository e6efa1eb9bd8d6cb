"""A picture of a few samples: as they are, as decoded, and as other ways keep them."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from speckle2vec.evaluate.reconstruction.ways import DECODER, FloatArray, Kept, others
from speckle2vec.measures.likeness import likeness, psnr
from speckle2vec.products.reconstructions import Reconstructions
from speckle2vec.products.whole import whole_file

SHOWN = ("vv_mean", "VV")
"""The feature that is drawn, where there is one of these; else the first."""
SAMPLES = 4
WAYS = {
    DECODER: "decoded", "jpeg2000": "JPEG 2000", "downsampled-int8": "fewer pixels",
}  # fmt: skip
INCHES, DOTS_PER_INCH = 2.1, 120


def draw_images(found: Reconstructions, path: Path) -> None:
    """Draw samples spread over the file, one feature of each, at few bytes.

    Grey runs over the middle 98 % of each original, the same for its whole row; figures below the
    images are of all features together. Equal files give equal bytes.

    Args:
        found: Originals and decoded images.
        path: The PNG.
    """
    features = list(found.about["features"])
    shown = next((features.index(name) for name in SHOWN if name in features), 0)
    code = _shown_code(found)
    total = len(found.sample_ids)
    numbers = np.unique(np.linspace(0, total - 1, min(SAMPLES, total)).round().astype(int))
    columns = 1 + len(WAYS)
    figure = Figure((INCHES * columns, (INCHES + 0.3) * len(numbers) + 0.6), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(
        f"{features[shown]}, decoded from {found.about['numbers']} numbers "
        f"({found.about['starts_from']}) as {code}; others within as many bytes", fontsize=9,
    )  # fmt: skip
    axes = figure.subplots(len(numbers), columns, squeeze=False)
    for row, number in zip(axes, numbers, strict=True):
        _draw_row(row, found, int(number), code, shown)
    for axis, title in zip(axes[0], ("original", *WAYS.values()), strict=True):
        axis.set_title(title, fontsize=9)
    with whole_file(path) as target:
        figure.savefig(target, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})


def _shown_code(found: Reconstructions) -> str:
    """The code of the fewest bytes that every way can keep an image in, else the largest."""
    image = found.read(0, 1).original[0]
    codes = sorted(found.codes, key=lambda name: int(found.about["bytes"][name]))
    for code in codes:
        if all(kept.image is not None for kept in others(image, found.about["bytes"][code])):
            return code
    return codes[-1]


def _draw_row(
    row: "np.ndarray[tuple[int], np.dtype[np.object_]]",
    found: Reconstructions,
    number: int,
    code: str,
    shown: int,
) -> None:
    images = found.read(number, number + 1)
    original, most = images.original[0], found.about["bytes"][code]
    kept = {one.way: one for one in others(original, most)}
    kept[DECODER] = Kept(DECODER, most, images.decoded[code][0])
    _show(row[0], original, original, shown, f"{original.nbytes:,} bytes")
    row[0].set_ylabel(found.sample_ids[number], fontsize=7)
    for axis, way in zip(row[1:], WAYS, strict=True):
        one = kept[way]
        if one.image is None:
            axis.set_axis_off()
            axis.text(0.5, 0.5, f"not below\n{one.bytes:,} bytes", ha="center", fontsize=8)
            continue
        error = likeness(original, one.image).squared_error.mean()
        _show(axis, original, one.image, shown,
              f"{one.bytes:,} bytes, {float(psnr(error)):.1f} dB")  # fmt: skip


def _show(axis: Axes, original: FloatArray, image: FloatArray, shown: int, told: str) -> None:
    low, high = np.percentile(original[shown], (1, 99))
    axis.imshow(image[shown], cmap="gray", vmin=low, vmax=max(high, low + 1e-6),
                interpolation="nearest")  # fmt: skip
    axis.set_xlabel(told, fontsize=7)
    axis.set(xticks=[], yticks=[])
