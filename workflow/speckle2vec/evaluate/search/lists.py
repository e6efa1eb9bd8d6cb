"""The stages: samples that are all but equal, and samples that nothing is like."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from speckle2vec.errors import UserError
from speckle2vec.evaluate.search.csv import kilometres, positions, told, write_list
from speckle2vec.evaluate.search.nearest import read_nearest
from speckle2vec.evaluate.search.rows import Rows
from speckle2vec.progress import LOGGER
from speckle2vec.settings.root import Settings

PAIRS = ("first", "second", "cosine", "kilometres", "first_longitude", "first_latitude",
         "first_dates", "second_longitude", "second_latitude", "second_dates")  # fmt: skip
ALONE = ("id", "longitude", "latitude", "dates", "cosine_distance", "nearest",
         "nearest_cosine_distance")  # fmt: skip
IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]


def list_duplicates(settings: Settings, rows: Rows, nearest: Path, output: Path) -> None:
    """Write the pairs above a cosine, the most similar first: repeated or overlapping samples.

    Of a sample only its nearest few are looked at, so that a corpus of equal samples gives no
    list of all pairs. Pairs are compared by the cosines that the table of nearest holds.

    Args:
        settings: All settings; the group `search` counts.
        rows: The samples.
        nearest: What each is most like.
        output: `results/search/{model}/duplicates.csv`.

    Raises:
        UserError: The table is damaged or of other samples.
    """
    pairs, cosines = alike(rows, nearest, settings.search.alike)
    most = settings.search.most
    LOGGER.info(
        "%d pairs have a cosine of %g or more; %d are listed",
        len(pairs), settings.search.alike, min(len(pairs), most),
    )  # fmt: skip
    pairs, points = pairs[:most], positions(rows)
    apart = kilometres(points[pairs[:, 0]], points[pairs[:, 1]])
    names = rows.places["id"]
    write_list(output, PAIRS, (
        [names[int(first)], names[int(second)], f"{cosine:.6f}", _length(length),
         *told(rows, int(first)), *told(rows, int(second))]
        for (first, second), cosine, length in zip(pairs, cosines, apart, strict=False)
    ))  # fmt: skip


def alike(rows: Rows, nearest: Path, least: float) -> tuple[IntArray, FloatArray]:
    """Pairs of rows (pair, 2) of a cosine and above, each once, and their cosines."""
    firsts, seconds, cosines = [], [], []
    for table in read_nearest(nearest):
        values = pc.list_flatten(table["cosines"]).to_numpy()
        chosen = np.flatnonzero(values >= least)
        firsts.append(_rows_of(rows, _repeated(table).take(pa.array(chosen)), nearest))
        seconds.append(_rows_of(rows, pc.list_flatten(table["nearest"]).take(chosen), nearest))
        cosines.append(values[chosen])
    pairs = np.sort(np.stack([np.concatenate(firsts), np.concatenate(seconds)], axis=1), axis=1)
    values = np.concatenate(cosines)
    order = np.lexsort((-values, pairs[:, 1], pairs[:, 0]))
    first_of_each = np.unique(pairs[order], axis=0, return_index=True)[1]
    pairs, values = pairs[order][first_of_each], values[order][first_of_each]
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -values))
    return pairs[order], values[order]


def _repeated(table: pa.Table) -> pa.Array:
    """The id of each sample, once for each that it is like."""
    return table["id"].take(pc.list_parent_indices(table["nearest"].combine_chunks()))


def _rows_of(rows: Rows, names: pa.ChunkedArray, path: Path) -> IntArray:
    found = pc.index_in(names, rows.places["id"].combine_chunks())
    if found.null_count:
        raise UserError(
            f"{path}: tells of {names.filter(pc.is_null(found))[0]}, which has no embedding; "
            "remove the file and run the same command again."
        )
    return np.asarray(found.to_numpy(), np.int64)


def list_outliers(settings: Settings, rows: Rows, nearest: Path, output: Path) -> None:
    """Write the samples farthest from their k-th neighbour, the farthest first.

    The k is `search.nearest`: a group of fewer strange samples is found as well
    (Ramaswamy et al., 2000, doi:10.1145/335191.335437).

    Args:
        settings: All settings; the group `search` counts.
        rows: The samples.
        nearest: What each is most like.
        output: `results/search/{model}/outliers.csv`.

    Raises:
        UserError: The table is damaged or of other samples.
    """
    blocks = [_farthest(table) for table in read_nearest(nearest)]
    found = pa.concat_tables(blocks)
    last = found["last"].to_numpy()
    samples = _rows_of(rows, found["id"], nearest)
    order = np.lexsort((samples, last))[: settings.search.most]
    write_list(output, ALONE, (
        [found["id"][at], *told(rows, int(samples[at])), f"{1 - last[at]:.6f}",
         found["nearest"][at], f"{1 - found['first'][at].as_py():.6f}"]
        for at in map(int, order)
    ))  # fmt: skip


def _farthest(table: pa.Table) -> pa.Table:
    """Cosines of the last and the first that each sample is like; a lonely one has none."""
    counts = pc.list_value_length(table["cosines"]).to_numpy()
    table = table.filter(pa.array(counts > 0))
    ends = np.cumsum(counts[counts > 0])
    cosines = pc.list_flatten(table["cosines"])
    firsts = pa.array(ends - counts[counts > 0], pa.int64())
    columns = {
        "id": table["id"],
        "last": cosines.take(pa.array(ends - 1, pa.int64())),
        "nearest": pc.list_flatten(table["nearest"]).take(firsts),
        "first": cosines.take(firsts),
    }
    return pa.table(columns)


def _length(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else ""
