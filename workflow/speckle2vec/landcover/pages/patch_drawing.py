"""Patches on a page: images as people know them, classes in their colours, legends."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from speckle2vec.errors import UserError
from speckle2vec.products.labels import NODATA, ClassArray, LabelClass
from speckle2vec.products.whole import whole_file

Image = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float32]
TRUE_COLOUR = ("B04", "B03", "B02")
BRIGHTEST = 0.3
"""Reflectance that is drawn white; clouds and snow are brighter."""
GAMMA = 1.5
"""Eyes tell dark tones better than bright ones, and land is mostly dark."""
RADAR = ("VV", "VH"), ("vv_mean", "vh_mean")
"""Names of the backscatter in dB, by feature set."""
RADAR_DB = (-20.0, 0.0), (-27.0, -7.0), (2.0, 14.0)
"""Range of VV, VH and VV - VH that is drawn, dB."""
NO_LABEL = "#ffffff"
RIGHT, WRONG = "#d0d0d0", "#c0143c"
RADAR_TOLD = "Sentinel-1: red VV, green VH, blue VV minus VH, in dB"
OPTICAL_TOLD = "Sentinel-2 in true colour, clouds white"
_DPI = 110
_CLOUDED = 0.95


def stretch(values: FloatArray, low: float, high: float, gamma: float = 1.0) -> Image:
    """Numbers as grey levels: `low` is 0, `high` is 255, what is not finite is 255.

    Args:
        values: Of any shape.
        low: Drawn black, as is all below.
        high: Drawn white, as is all above.
        gamma: Above 1 brightens what lies between.
    """
    shares = np.clip((values.astype(np.float64) - low) / (high - low), 0, 1) ** (1 / gamma)
    levels: Image = np.rint(np.where(np.isfinite(values), shares, 1) * 255).astype(np.uint8)
    return levels


def true_colour(cube: FloatArray, features: Sequence[str]) -> Image | None:
    """Sentinel-2 as eyes see it, (y, x, 3), from reflectance; None where there is none.

    Every picture has the same stretch, so that water stays darker than meadows.

    Args:
        cube: (feature, y, x).
        features: Their names.
    """
    if not set(TRUE_COLOUR) <= set(features):
        return None
    bands = cube[[features.index(name) for name in TRUE_COLOUR]]
    return np.moveaxis(stretch(bands, 0, BRIGHTEST, GAMMA), 0, -1)


def radar(cube: FloatArray, features: Sequence[str]) -> Image:
    """Sentinel-1 as a composite (y, x, 3): VV red, VH green, their ratio blue, all in dB.

    Volumes such as forest are green, bare ground and water bluish, buildings bright.

    Args:
        cube: (feature, y, x).
        features: Their names.

    Raises:
        UserError: There is no backscatter among them.
    """
    names = next((names for names in RADAR if set(names) <= set(features)), None)
    if names is None:
        raise UserError(
            f"The features {', '.join(features)} hold no backscatter to draw; draw pages of "
            "`sar-temporal` or `fusion`."
        )
    vv, vh = (cube[features.index(name)].astype(np.float32) for name in names)
    channels = zip((vv, vh, vv - vh), RADAR_DB, strict=True)
    return np.stack([stretch(one, *limits) for one, limits in channels], axis=-1)


def coloured(labels: ClassArray, classes: Sequence[LabelClass]) -> Image:
    """Class indices (y, x) in the colours of their classes, (y, x, 3); nodata is white."""
    table = np.full((256, 3), 255, np.uint8)
    table[[one.index for one in classes]] = [rgb(one.colour) for one in classes]
    return table[labels]


def right_and_wrong(truth: ClassArray, predicted: ClassArray) -> Image:
    """Where a prediction is right (grey) and wrong (red), (y, x, 3).

    White where there is no label, or where nothing is said.
    """
    table = np.array([rgb(NO_LABEL), rgb(RIGHT), rgb(WRONG)], np.uint8)
    nothing = (truth == NODATA) | (predicted == NODATA)
    return table[np.where(nothing, 0, np.where(truth == predicted, 1, 2))]


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of `#rrggbb`, 0 to 255."""
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def show(axes: Axes, image: Image) -> None:
    """An image without ticks; a coarse one is drawn as large as a fine one of its patch."""
    axes.imshow(image, interpolation="nearest", extent=(0, 1, 1, 0), aspect=1)
    axes.set_xticks([])
    axes.set_yticks([])


def show_optical(axes: Axes, image: Image) -> None:
    """An image of Sentinel-2, which says so where nothing but clouds is to be seen."""
    show(axes, image)
    if (image.min(axis=-1) == 255).mean() > _CLOUDED:
        axes.text(0.5, 0.5, "clouds", ha="center", va="center", fontsize=9, color="#808080")


def class_patches(classes: Sequence[LabelClass], shown: ClassArray) -> list[Patch]:
    """Entries of a legend for the classes that are shown, in their order."""
    there = set(np.unique(shown).tolist())
    entries = [(one.colour, one.name) for one in classes if one.index in there]
    if NODATA in there:
        entries.append((NO_LABEL, "no label"))
    return [legend_patch(colour, name) for colour, name in entries]


def legend_patch(colour: str, name: str) -> Patch:
    """One entry of a legend."""
    return Patch(facecolor=colour, edgecolor="#404040", linewidth=0.5, label=name)


def page(
    rows: int, columns: int, title: str, margin: float = 0
) -> tuple[Figure, npt.NDArray[np.object_]]:
    """An empty page of pictures, and its axes (row, column).

    Args:
        rows: Rows of pictures.
        columns: Pictures in each.
        title: Above all.
        margin: Room for captions on the left, inches.
    """
    size = 2.1 * columns + 0.3 + margin, 2.2 * rows + 1.2
    figure = Figure(figsize=size, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=11)
    return figure, figure.subplots(rows, columns, squeeze=False)


def add_legend(figure: Figure, entries: Sequence[Patch], told: str) -> None:
    """A legend below the pictures, under a line that tells how to read them."""
    columns = 2 if figure.get_figwidth() < 7 else 4
    figure.legend(
        handles=list(entries), loc="outside lower center", ncols=columns, fontsize=8,
        frameon=False, title=told, title_fontsize=8,
    )  # fmt: skip


def write_page(figure: Figure, path: Path) -> None:
    """Write a page as PNG; the same page gives the same bytes."""
    with whole_file(path) as target:
        figure.savefig(target, format="png", metadata={"Software": None})
