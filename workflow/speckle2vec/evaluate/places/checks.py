"""Whether labelled places and samples fit each other, and what is told of it."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from speckle2vec.errors import UserError
from speckle2vec.evaluate.places.files import LabelledPlaces
from speckle2vec.evaluate.places.join import Join
from speckle2vec.evaluate.places.shapes import Box, plane_extent
from speckle2vec.products.place_labels import PlaceTarget
from speckle2vec.progress import LOGGER
from speckle2vec.settings.places import PlaceLabels


def check_found(places: LabelledPlaces, join: Join) -> None:
    """See that some place lies in a sample.

    Raises:
        UserError: None does; both extents are told.
    """
    if len(join.found):
        return
    if not join.samples:
        raise UserError(
            f"None of the {join.without_place} accepted samples has a known place, so no label of "
            f"{places.path} can be theirs; give the corpora georeferenced images."
        )
    own, theirs = places.shapes.extent, plane_extent(join.extent)
    swapped = Box(own.south, own.west, own.north, own.east)
    hint = " Longitude and latitude of the labels look swapped." * (
        swapped.meets(theirs) and not own.meets(theirs)
    )
    raise UserError(
        f"{places.path}: none of its {len(places)} places lies in a sample: the places lie at "
        f"{own}, the {join.samples} samples at {theirs}.{hint} Give labels of the same region, "
        "samples of theirs, or for boxes and polygons a lower `share`."
    )


def check_conflicts(
    name: str, declared: PlaceLabels, places: LabelledPlaces, table: pa.Table
) -> None:
    """See that no sample holds places of several classes, where that is refused.

    Args:
        name: Name of the places in the settings.
        declared: Their settings.
        places: The user's places.
        table: The samples that are labelled, with their `classes`.

    Raises:
        UserError: Some sample does.
    """
    several = table.filter(pc.greater(table["classes"], 1))
    if len(several) and declared.conflicts == "refuse":
        raise UserError(
            f"{places.path}: places of several classes lie in the sample {several['id'][0]}, as in "
            f"{len(several)} samples in all; mend the file, or set "
            f"`places.{name}.conflicts` to `leave-out`."
        )


@dataclass(frozen=True)
class Counts:
    """Samples of each class."""

    classes: tuple[str, ...]
    samples: tuple[int, ...]

    @property
    def rarest(self) -> str:
        """The class of the fewest samples."""
        return min(zip(self.samples, self.classes, strict=True))[1]

    def __str__(self) -> str:
        pairs = zip(self.samples, self.classes, strict=True)
        return ", ".join(f"{count} of {name}" for count, name in pairs)


def check_classes(name: str, declared: PlaceLabels, places: LabelledPlaces, counts: Counts) -> None:
    """See that there are two classes at least, and the one that is looked for.

    Raises:
        UserError: There are not.
    """
    if not counts.classes:
        raise UserError(
            f"{places.path}: no sample has a label, since each that holds places holds some of "
            "several classes and is left out; mend the file, or add places."
        )
    if len(counts.classes) < 2:
        raise UserError(
            f"{places.path}: all labelled samples are of one class ({counts}), so there is nothing "
            f"to tell apart; add places of another class, or name the class of all other samples "
            f"in `places.{name}.elsewhere`."
        )
    if declared.positive and declared.positive not in counts.classes:
        raise UserError(
            f"{places.path}: no sample is of the class {declared.positive!r}, which "
            f"`places.{name}.positive` looks for; there are {counts}."
        )


def tell_outcome(places: LabelledPlaces, target: PlaceTarget, join: Join) -> None:
    """Say how many samples have a label, and which places and samples take no part."""
    counts = target.about
    LOGGER.info(
        "%s: %d of %d places lie in samples; samples: %s",
        places.path, counts["places_in_samples"], len(places),
        ", ".join(f"{count} of {one}" for one, count in counts["samples"].items()),
    )  # fmt: skip
    if outside := len(places) - len(join.found):
        missing = np.setdiff1d(np.arange(len(places)), join.found)[0]
        LOGGER.warning(
            "%s: %d of %d places lie in no accepted sample, such as %s.",
            places.path, outside, len(places), places.ids[missing],
        )  # fmt: skip
    if several := counts["samples_of_several_classes"]:
        LOGGER.warning(
            "%s: %d samples hold places of several classes and are left out.", places.path, several
        )
    if partly := counts["samples_below_share"]:
        LOGGER.warning(
            "%s: %d samples share less than `share` (%g) with a place and hold none; they are "
            "left out, and are not of the class of `elsewhere`.",
            places.path, partly, counts["share"],
        )  # fmt: skip
    if join.without_place:
        LOGGER.warning(
            "%d accepted samples have no known place and take no label.", join.without_place
        )
