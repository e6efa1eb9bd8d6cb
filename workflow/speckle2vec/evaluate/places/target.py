"""The stage: labels of samples, from the labelled places that lie in them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from speckle2vec.errors import UserError
from speckle2vec.evaluate.places.files import LabelledPlaces, read_places
from speckle2vec.evaluate.places.join import Join
from speckle2vec.evaluate.places.shapes import Box, plane_extent
from speckle2vec.products.place_labels import SCHEMA, PlaceTarget, write_place_target
from speckle2vec.progress import LOGGER
from speckle2vec.settings.places import PlaceLabels
from speckle2vec.settings.root import Settings


def declared_places(settings: Settings, name: str) -> PlaceLabels:
    """The settings of labelled places.

    Raises:
        UserError: There are none of that name.
    """
    if name not in settings.places:
        known = ", ".join(settings.places) or "none"
        raise UserError(f"There are no places `{name}`; `places` names {known}. Add them there.")
    return settings.places[name]


def label_places(settings: Settings, name: str, catalogue: Path, output: Path) -> None:
    """Write which samples hold a user's labelled places.

    Memory holds the user's file and a block of the catalogue.

    Args:
        settings: All settings; the group `places` counts.
        name: Name of the places in the settings.
        catalogue: The merged catalogue.
        output: `results/places/{name}/labels.parquet`.

    Raises:
        UserError: The file is wrong, no place lies in a sample, labels disagree, or all
            labelled samples are of one class.
    """
    declared = declared_places(settings, name)
    places = read_places(name, declared, settings.data)
    join = Join(places, declared.share)
    kept = [_kept(part, declared.elsewhere) for part in join.over(catalogue)]
    _check_found(places, join)
    table = pa.concat_tables(kept)
    _check_conflicts(name, declared, places, table)
    target = _target(name, declared, places, join, table)
    _tell(places, target, join)
    write_place_target(target, output)


def _kept(samples: pa.Table, elsewhere: str) -> pa.Table:
    """Samples that hold a place, and where there is a class for them, all others too.

    Those that hold too little of a place are neither, and get no label.
    """
    held = pc.greater(samples["labels"], 0)
    if not elsewhere:
        return samples.filter(held)
    other = pc.if_else(pc.greater(samples["below"], 0), None, elsewhere)
    label = pc.if_else(held, samples["label"], other)
    return samples.set_column(samples.schema.get_field_index("label"), "label", label)


def _check_found(places: LabelledPlaces, join: Join) -> None:
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


def _check_conflicts(
    name: str, declared: PlaceLabels, places: LabelledPlaces, table: pa.Table
) -> None:
    several = table.filter(pc.greater(table["classes"], 1))
    if len(several) and declared.conflicts == "refuse":
        raise UserError(
            f"{places.path}: places of several classes lie in the sample {several['id'][0]}, as in "
            f"{len(several)} samples in all; mend the file, or set "
            f"`places.{name}.conflicts` to `leave-out`."
        )


@dataclass(frozen=True)
class _Counts:
    """Samples of each class."""

    classes: tuple[str, ...]
    samples: tuple[int, ...]

    @property
    def rarest(self) -> str:
        return min(zip(self.samples, self.classes, strict=True))[1]

    def __str__(self) -> str:
        pairs = zip(self.samples, self.classes, strict=True)
        return ", ".join(f"{count} of {name}" for count, name in pairs)


def _target(
    name: str, declared: PlaceLabels, places: LabelledPlaces, join: Join, table: pa.Table
) -> PlaceTarget:
    several = pc.greater(table["classes"], 1)
    disagreeing = int(pc.sum(several).as_py())
    label = pc.if_else(several, None, table["label"])
    table = table.set_column(table.schema.get_field_index("label"), "label", label)
    table = table.sort_by("id").select(SCHEMA.names)
    names, samples = np.unique(table["label"].drop_null().to_pylist(), return_counts=True)
    counts = _Counts(tuple(names.tolist()), tuple(samples.tolist()))
    _check_classes(name, declared, places, counts)
    about = {
        "places": len(places),
        "places_in_samples": len(join.found),
        "samples": dict(zip(counts.classes, counts.samples, strict=True)),
        "samples_of_several_classes": disagreeing,
        "samples_below_share": table["label"].null_count - disagreeing,
        "samples_without_place": join.without_place,
        "share": declared.share,
    }
    return PlaceTarget(name, counts.classes, declared.positive or counts.rarest, about, table)


def _check_classes(
    name: str, declared: PlaceLabels, places: LabelledPlaces, counts: _Counts
) -> None:
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


def _tell(places: LabelledPlaces, target: PlaceTarget, join: Join) -> None:
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
