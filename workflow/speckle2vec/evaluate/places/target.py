"""The stage: labels of samples, from the labelled places that lie in them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from speckle2vec.errors import UserError
from speckle2vec.evaluate.places.checks import (
    Counts,
    check_classes,
    check_conflicts,
    check_found,
    tell_outcome,
)
from speckle2vec.evaluate.places.files import LabelledPlaces, read_places
from speckle2vec.evaluate.places.join import Join
from speckle2vec.products.place_labels import SCHEMA, PlaceTarget, write_place_target
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
    check_found(places, join)
    table = pa.concat_tables(kept)
    check_conflicts(name, declared, places, table)
    target = _target(name, declared, places, join, table)
    tell_outcome(places, target, join)
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


def _target(
    name: str, declared: PlaceLabels, places: LabelledPlaces, join: Join, table: pa.Table
) -> PlaceTarget:
    several = pc.greater(table["classes"], 1)
    disagreeing = int(pc.sum(several).as_py())
    label = pc.if_else(several, None, table["label"])
    table = table.set_column(table.schema.get_field_index("label"), "label", label)
    table = table.sort_by("id").select(SCHEMA.names)
    names, samples = np.unique(table["label"].drop_null().to_pylist(), return_counts=True)
    counts = Counts(tuple(names.tolist()), tuple(samples.tolist()))
    check_classes(name, declared, places, counts)
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
