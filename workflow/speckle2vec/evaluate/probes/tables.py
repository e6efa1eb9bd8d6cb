"""A user's own table of labels, read and checked."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from speckle2vec.errors import UserError
from speckle2vec.evaluate.unique import check_unique
from speckle2vec.products.probes import Target
from speckle2vec.progress import LOGGER
from speckle2vec.readers.locations import locate
from speckle2vec.settings.evaluate import LabelTable

NO_LABEL = ("", "nan", "na", "null")
"""What pandas, R and databases write where nothing is known; `none` may well be a class."""
Texts = npt.NDArray[Any]


def own_target(name: str, declared: LabelTable, data: str, accepted: Texts, known: Texts) -> Target:
    """The labels of a user's table that are of accepted samples, in the table's order.

    Args:
        name: Name of the table in the settings.
        declared: Where it is, what it asks, and what happens where it does not fit.
        data: Folder that a relative path starts from.
        accepted: Ids of the accepted samples.
        known: Ids of all samples of the catalogue, accepted or refused.

    Raises:
        UserError: The file, a column or a label is missing or wrong, or ids do not match.
    """
    path = Path(locate(data, declared.path))
    ids, texts = _columns(path)
    check_unique(path, ids)
    texts = np.char.strip(texts)
    labelled = np.array([text.lower() not in NO_LABEL for text in texts], bool)
    if not labelled.all() and declared.unmatched == "refuse":
        _refuse(name, path, f"gives {ids[~labelled][0]} no label", int((~labelled).sum()))
    _check_ids(name, declared, path, ids[labelled], accepted, known)
    kept = labelled & np.isin(ids, accepted)
    values = _values(declared.kind, path, ids[kept], texts[kept])
    LOGGER.info("%s: %d of %d accepted samples have a label", path, kept.sum(), len(accepted))
    return Target(name, declared.kind, ids[kept], values)


def _columns(path: Path) -> tuple[Texts, Texts]:
    """Ids and labels as text."""
    try:
        table = _read(path)
    except (OSError, pa.ArrowException) as error:
        raise UserError(
            f"{path}: is missing or no table of labels ({error}); it should be Parquet or CSV with "
            "the columns `id` and `label`."
        ) from error
    lacking = [name for name in ("id", "label") if name not in table.column_names]
    if lacking:
        raise UserError(
            f"{path}: has no column `{lacking[0]}`; it holds {', '.join(table.column_names[:6])}. "
            "A table of labels has the columns `id` and `label`."
        )
    ids, texts = (_texts(path, table, name) for name in ("id", "label"))
    if len(ids) == 0:
        raise UserError(f"{path}: holds no row; a table of labels has one row a sample.")
    return ids, texts


def _texts(path: Path, table: pa.Table, name: str) -> Texts:
    if table.column_names.count(name) > 1:
        raise UserError(f"{path}: has two columns `{name}`; remove or rename one of them.")
    try:
        column = table[name].cast(pa.string())
    except pa.ArrowException as error:
        raise UserError(
            f"{path}: its column `{name}` holds neither text nor numbers ({error}); write one of "
            "these into each row."
        ) from error
    return np.array([value or "" for value in column.to_pylist()], dtype=str)


def _read(path: Path) -> pa.Table:
    if path.suffix == ".parquet":
        return pq.read_table(path)
    as_text = {"id": pa.string(), "label": pa.string()}
    options = pyarrow.csv.ConvertOptions(column_types=as_text, strings_can_be_null=False)
    return pyarrow.csv.read_csv(path, convert_options=options)


def _check_ids(
    name: str, declared: LabelTable, path: Path, ids: Texts, accepted: Texts, known: Texts
) -> None:
    if not np.isin(ids, accepted).any():
        told = f", such as {str(ids[0])!r}," if len(ids) else ""
        raise UserError(
            f"{path}: none of its {len(ids)} labelled ids{told} is an accepted sample; samples are "
            f"called like {str(accepted[0]) if len(accepted) else 'nothing'!r}."
        )
    if declared.unmatched == "leave-out":
        return
    strange, bare = ids[~np.isin(ids, known)], accepted[~np.isin(accepted, ids)]
    if len(strange):
        _refuse(name, path, f"holds {strange[0]}, which is no sample", len(strange))
    if len(bare):
        _refuse(name, path, f"holds no label of {bare[0]}", len(bare))


def _refuse(name: str, path: Path, what: str, count: int) -> None:
    others = f" (and {count - 1} more)" if count > 1 else ""
    raise UserError(
        f"{path}: {what}{others}; mend the table, or set `probes.tables.{name}.unmatched` to "
        "`leave-out`."
    )


def _values(kind: str, path: Path, ids: Texts, texts: Texts) -> Texts:
    if kind == "classification":
        return texts
    for sample, text in zip(ids, texts, strict=True):
        try:
            finite = np.isfinite(float(text))
        except ValueError:
            finite = False
        if not finite:
            raise UserError(
                f"{path}: the label of {sample} is {str(text)!r} and should be a number; mend it, "
                "or ask for `classification`."
            )
    return texts.astype(np.float64)
