"""From the codes of a source to class indices, and the table that says what they mean."""

import colorsys
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.landcover.labels import corine
from speckle2vec.products.labels import NODATA, ClassArray, LabelClass
from speckle2vec.settings.labels import MOST_CLASSES, Labels

OUTSIDE = 255
"""Stands where a source says nothing: outside its coverage."""
_TURN = 0.618033988749895  # of the circle of hues: neighbours in the table differ most


class Legend:
    """The class table of a source and the way from its codes to class indices.

    What no class and no nodata code is counted in `unknown`, and read as nodata.
    """

    def __init__(self, labels: Labels) -> None:
        self.level = 0 if labels.classes else labels.level
        self._read_as = labels.read_as
        codes = _own(labels.classes) if labels.classes else _corine(labels)
        self._indices = {**dict.fromkeys(labels.nodata_codes, NODATA), **codes}
        self.classes = _own_table(labels) if labels.classes else _corine_table(labels.level)
        self.unknown: Counter[str] = Counter()

    def adopt(self, names: Mapping[int, str], colours: Mapping[str, str]) -> None:
        """Take the classes of a source that brings its own.

        Args:
            names: Names by code; codes of one name are one class.
            colours: Colours (`#rrggbb`) by name; those left out are chosen.

        Raises:
            UserError: There are more classes than labels can hold.
        """
        count = len(set(names.values()))
        if count > MOST_CLASSES:
            raise UserError(
                f"The source has {count} classes, but labels hold {MOST_CLASSES}; set "
                "`labels.level` to 1, or group them in `labels.classes`."
            )
        own = Labels.model_construct(classes=dict(names), colours=dict(colours))
        self.classes, self.level = _own_table(own), 0
        self._indices = _own(names)

    def index(self, value: object, times: int = 1) -> int:
        """The class index of one code, a number or text; 0 where it is nodata or unknown.

        Args:
            value: The code as the source stores it.
            times: How often it stands there, for the count of unknown codes.
        """
        code = _number(value)
        found = None if code is None else self._indices.get(self._read_as.get(code, code))
        if found is None:
            self.unknown[str(value)] += times
        return NODATA if found is None else found

    def indices(self, codes: npt.NDArray[np.int64]) -> ClassArray:
        """Class indices of an array of codes, of its shape."""
        values, positions, times = np.unique(codes, return_inverse=True, return_counts=True)
        table = [self.index(int(v), int(n)) for v, n in zip(values, times, strict=True)]
        return np.array(table, np.uint8)[positions].reshape(codes.shape)

    def unknown_told(self) -> str:
        """The unknown codes with their counts, the commonest first, for a sentence."""
        most = self.unknown.most_common(5)
        told = ", ".join(f"{code!s} ({count} times)" for code, count in most)
        return told + (", ..." if len(self.unknown) > len(most) else "")

    def check(self, known: int, where: str) -> None:
        """Refuse a source of which no code at all has a meaning.

        Raises:
            UserError: There are unknown codes, and no known one.
        """
        if self.unknown and not known:
            names = ", ".join(f"{one.code} {one.name}" for one in self.classes[:5])
            raise UserError(
                f"{where}: holds none of the known codes ({names}, ...) but "
                f"{self.unknown_told()}; name them in `labels.classes`, or in "
                "`labels.nodata_codes` where they are no class, or correct `labels.field`, "
                "`labels.band` or `labels.codes`."
            )


def _number(value: object) -> int | None:
    try:
        number = float(str(value).strip())
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


def _corine(labels: Labels) -> dict[int, int]:
    """Class index by code: of level 3, or of the 100 m raster, 1 to 44 in their order."""
    order = {code: index for index, code in enumerate(corine.names(labels.level), start=1)}
    found = {code: order[corine.parent(code, labels.level)] for code in corine.LEVEL_3}
    if labels.codes == "clc":
        return found
    return {48: NODATA, **dict(enumerate(found.values(), start=1))}


def _corine_table(level: int) -> tuple[LabelClass, ...]:
    return tuple(
        LabelClass(index, code, name, corine.colour(code))
        for index, (code, name) in enumerate(corine.names(level).items(), start=1)
    )


def _own(classes: Mapping[int, str]) -> dict[int, int]:
    order = _names(classes)
    return {code: order.index(classes[code]) + 1 for code in sorted(classes)}


def _own_table(labels: Labels) -> tuple[LabelClass, ...]:
    lowest = {labels.classes[code]: code for code in sorted(labels.classes, reverse=True)}
    return tuple(
        LabelClass(index, lowest[name], name, labels.colours.get(name) or _hue(index))
        for index, name in enumerate(_names(labels.classes), start=1)
    )


def _names(classes: Mapping[int, str]) -> list[str]:
    names: Iterable[str] = (classes[code] for code in sorted(classes))
    return list(dict.fromkeys(names))


def _hue(index: int) -> str:
    channels = colorsys.hls_to_rgb(index * _TURN % 1, 0.5, 0.7)
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in channels)
