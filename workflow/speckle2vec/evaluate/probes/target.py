"""What a probe is asked: one label a sample, of accepted samples, sorted by id."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from speckle2vec.errors import UserError
from speckle2vec.evaluate.probes.built_in import LEAST_LABELLED, from_catalogue, from_pixels
from speckle2vec.evaluate.probes.tables import own_target
from speckle2vec.products.accepted import NEEDED, AcceptedSamples
from speckle2vec.products.catalogue import accepted, read_catalogue
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.labels import NODATA, majority, open_labels
from speckle2vec.products.probes import Target, write_target
from speckle2vec.progress import LOGGER
from speckle2vec.settings.evaluate import LAND_COVER, OF_CATALOGUE, known_labels, of_pixels
from speckle2vec.settings.root import Settings


def collect_target(
    settings: Settings,
    label: str,
    keys: Sequence[ShardKey],
    catalogue: Path,
    labels: Path,
    output: Path,
) -> None:
    """Write the labels of all accepted samples that have one.

    Args:
        settings: All settings; `probes.tables` counts.
        label: What is asked: a name in `probes.tables`, or a label that is built in.
        keys: All shards.
        catalogue: The merged catalogue.
        labels: Folder of the rasterised labels, which labels of what lies in pixels read.
        output: `results/probes/{label}/target.parquet`.

    Raises:
        UserError: There is no such label, or its source is missing or wrong.
    """
    rows = read_catalogue(catalogue, [*NEEDED, "verdict"], keys)
    samples = AcceptedSamples(accepted(rows))
    parts = {key: key.part(labels, ".zarr.zip") for key in keys}
    if label in settings.probes.tables:
        declared = settings.probes.tables[label]
        known, kept = (
            np.array(table["sample_id"].to_pylist(), str) for table in (rows, samples.rows)
        )
        target = own_target(label, declared, settings.data, kept, known)
    elif label == LAND_COVER:
        target = _land_cover(parts, samples)
    elif of_pixels(label):
        target = from_pixels(label, parts, samples)
    elif label in OF_CATALOGUE:
        target = from_catalogue(label, catalogue)
    else:
        names = known_labels(settings.probes.tables)
        raise UserError(
            f"There is no label `{label}`; there are {names}. Add it to `probes.tables`."
        )
    order = np.argsort(target.ids)
    write_target(Target(label, target.kind, target.ids[order], target.values[order]), output)


def _land_cover(parts: Mapping[ShardKey, Path], samples: AcceptedSamples) -> Target:
    """The majority class of every sample of which at least half the pixels have a class."""
    table = pa.concat_tables([_named(key, path, samples) for key, path in parts.items()])
    told = table.filter(pc.greater_equal(table["labelled"], LEAST_LABELLED))
    LOGGER.info(
        "%d of %d samples have a majority class; of the others, most pixels have no class",
        len(told), len(table),
    )  # fmt: skip
    if len(told) == 0:
        raise UserError(
            f"None of the {len(table)} samples has a land-cover class on at least half of its "
            "pixels; let `labels` name a source that covers them."
        )
    ids, names = (np.array(told[column].to_pylist(), str) for column in ("sample_id", "name"))
    return Target(LAND_COVER, "classification", ids, names)


def _named(key: ShardKey, path: Path, samples: AcceptedSamples) -> pa.Table:
    """The majority of each sample that counts in a shard, with the class's name."""
    with open_labels(path, key) as shard:
        names = {NODATA: "", **{one.index: one.name for one in shard.classes}}
    table = majority(path)
    table = table.filter(pa.array(samples.counting(key, table["sample_id"].to_pylist())))
    found = [names[index] for index in table["class"].to_pylist()]
    return table.append_column("name", pa.array(found, pa.string()))
