"""The stage: all embeddings of one model as one code."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from speckle2vec.errors import UserError
from speckle2vec.evaluate.gathering import Array, Asked, at_most, check_found, found_in, gather
from speckle2vec.measures.codes.coder import Coder, check_finite, fit_coder
from speckle2vec.products.accepted import AcceptedSamples, read_accepted
from speckle2vec.products.code_sizes import code_bytes
from speckle2vec.products.code_writer import write_codes
from speckle2vec.products.embeddings import embedding_attributes
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.refused import refused
from speckle2vec.progress import LOGGER
from speckle2vec.provenance import stream_seed, versions
from speckle2vec.settings.root import Settings

Ids = npt.NDArray[np.str_]
Part = tuple[Array, npt.NDArray[np.float32]]
TOLD = ("encoder", "architecture", "method", "features", "calibration")


def encode_model(
    settings: Settings,
    name: str,
    keys: Sequence[ShardKey],
    catalogue: Path,
    embeddings: Path,
    output: Path,
) -> None:
    """Fit a code on training blocks and write all accepted samples in it.

    Memory holds at most `codes.most` embeddings, one shard and one row group of codes.

    Args:
        settings: All settings; `codes.most` counts, and the seed.
        name: Name of the code, such as `pca64-int8`.
        keys: All shards.
        catalogue: The merged catalogue, whose splits and verdict count.
        embeddings: Folder of the model's parts.
        output: `results/codes/{model}/{code}.parquet`.

    Raises:
        UserError: There is no such code, the parts are of several encoders, an embedding is not
            finite, or there are too few samples of training blocks.
    """
    about = _about([key.part(embeddings, ".parquet") for key in keys])
    samples = read_accepted(catalogue, ["split"], keys, settings.drawn)
    ids, training = _asked(samples.rows, catalogue)
    coder, fitted = _fitted(settings, name, keys, training, embeddings, samples)
    told = {**about, "training_samples": fitted, "versions": versions("faiss-cpu", "numpy")}
    write_codes(output, coder, told, _batches(found_in(ids, keys, embeddings, samples), ids))
    found = code_bytes(output)
    LOGGER.info(
        "%s: %d samples, %.1f bytes each on disk and %d in payload, fitted on %d samples of "
        "training blocks", output, found.samples, found.each(), found.payload, fitted,
    )  # fmt: skip


def _fitted(
    settings: Settings,
    name: str,
    keys: Sequence[ShardKey],
    training: Ids,
    folder: Path,
    samples: AcceptedSamples,
) -> tuple[Coder, int]:
    """The code, and how many samples it was fitted on."""
    asked = at_most(Asked(training, training, training), settings.codes.most, settings.seed)
    found, values = gather(asked.ids, keys, folder, samples)
    check_found(found, asked, folder)
    try:
        return fit_coder(name, values, stream_seed(settings.seed, "codes", name)), len(values)
    except ValueError as error:
        raise UserError(f"`codes.names` is wrong: {error}.") from error


def _asked(rows: pa.Table, catalogue: Path) -> tuple[Ids, Ids]:
    """Sorted ids of all accepted samples, and of those in training blocks."""
    training = rows.filter(pc.equal(rows["split"], "train"))
    if len(training) == 0:
        raise UserError(
            f"{catalogue}: holds no accepted sample of the split train, on which codes are "
            "fitted; add shards or change `splits`."
        )
    ids, known = (np.sort(np.array(one["sample_id"].to_pylist(), str)) for one in (rows, training))
    return ids, known


def _batches(parts: Iterable[Part], ids: Ids) -> Iterator[tuple[Ids, npt.NDArray[np.float32]]]:
    for rows, values in parts:
        check_finite(values)
        yield ids[rows], values


def _about(parts: Sequence[Path]) -> dict[str, Any]:
    """What all parts say of their encoder."""
    found = [{name: one.get(name, "") for name in TOLD} for one in map(_attributes, parts)]
    for path, one in zip(parts, found, strict=True):
        if one["encoder"] != found[0]["encoder"]:
            raise UserError(
                f"{path}: comes from the encoder {one['encoder'][:12]}, and {parts[0]} from "
                f"{found[0]['encoder'][:12]}; embeddings of two encoders do not compare: embed "
                "all shards anew."
            )
    return found[0]


def _attributes(path: Path) -> dict[str, Any]:
    with refused(path):
        return embedding_attributes(pq.read_schema(path))
