"""Bytes of every code, their ratio to the raw input, and the neighbours they keep."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from speckle2vec.errors import UserError
from speckle2vec.evaluate.codes.neighbours import drawn_samples, kept, nearest, values_of
from speckle2vec.evaluate.codes.raw_bytes import RawBytes
from speckle2vec.measures.intervals import text
from speckle2vec.products.catalogue import accepted, read_catalogue
from speckle2vec.products.code_sizes import code_bytes
from speckle2vec.products.codes import decoded, read_codes
from speckle2vec.settings.codes import EXACT
from speckle2vec.settings.root import Settings

REPORTED = 25_472
"""Samples of the report's corpus."""
Row = dict[str, object]


class Folders(NamedTuple):
    """Where the products stand that the table is made of."""

    catalogue: Path
    """The merged catalogue."""
    codes: Path
    """Folder of the codes."""
    probes: Path
    """Folder of the probes of codes."""


class Coded(NamedTuple):
    """One row to be: a model and a code."""

    model: str
    code: str


def sizes_of(
    settings: Settings, coded: Sequence[Coded], folders: Folders, raw: Mapping[str, RawBytes]
) -> dict[Coded, Row]:
    """Names, bytes, ratios and neighbours of every row.

    Args:
        settings: All settings; `codes` counts, `probes.scored` and the seed.
        coded: The rows to be.
        folders: Where the products stand.
        raw: Bytes of the raw input by feature set.

    Raises:
        UserError: A file is missing, damaged, or of another encoder than the others.
    """
    found, total = {}, len(read_catalogue(folders.catalogue, ["sample_id"]))
    for model in dict.fromkeys(one.model for one in coded):
        codes = [one.code for one in coded if one.model == model]
        paths = {code: folders.codes / model / f"{code}.parquet" for code in codes}
        _check_alike(paths)
        shares = _neighbours(settings, folders.catalogue, paths)
        for code, path in paths.items():
            names = dict(zip(("features", "method", "encoder"), model.split("/"), strict=True))
            size = _bytes(path, raw[names["features"]], total)
            found[Coded(model, code)] = {**names, "code": code, **size, **shares[code]}
    return found


def _check_alike(paths: Mapping[str, Path]) -> None:
    """All codes of a model have to be of one encoder and of as many samples."""
    exact = read_codes(paths[EXACT])
    for path in paths.values():
        one = read_codes(path)
        if one.about["encoder"] != exact.about["encoder"] or one.samples != exact.samples:
            raise UserError(
                f"{path}: holds {one.samples} samples of the encoder {one.about['encoder'][:12]}, "
                f"and {paths[EXACT]} {exact.samples} of {exact.about['encoder'][:12]}; remove the "
                "older file and run the same command again."
            )


def _bytes(path: Path, raw: RawBytes, total: int) -> Row:
    """Of the code as it stands on disk, and of the raw input of `total` samples."""
    size = code_bytes(path)
    memory, disk = raw.memory / total, raw.disk / total
    each = {"": size.each(), f"_{REPORTED}": size.each(REPORTED), "_payload": float(size.payload)}
    row: Row = {
        "samples": size.samples,
        "payload": size.payload,
        "raw_memory": f"{memory:.0f}",
        "raw_disk": f"{disk:.0f}",
        "raw_layout": raw.layout,
    }
    row |= {f"bytes{name}": f"{one:.2f}" for name, one in each.items() if name != "_payload"}
    row |= {f"ratio{name}": f"{memory / one:.1f}" for name, one in each.items()}
    return row | {f"disk_ratio{name}": f"{disk / one:.1f}" for name, one in each.items()}


def _neighbours(settings: Settings, catalogue: Path, paths: Mapping[str, Path]) -> dict[str, Row]:
    """Share of the nearest neighbours by float32 that each code keeps."""
    chosen = settings.codes
    ids = np.concatenate([names for names, _ in decoded(paths[EXACT])])
    rows = accepted(read_catalogue(catalogue, ["sample_id", "split", "verdict"]))
    names, splits = (np.array(rows[name].to_pylist(), str) for name in ("sample_id", "split"))
    scored = np.intersect1d(ids, names[np.isin(splits, settings.probes.scored)])
    among, asking = drawn_samples(ids, scored, chosen.queries, chosen.searched, settings.seed)
    if len(asking) == 0 or len(among) < 2:
        return {code: {} for code in paths}
    exact = nearest(values_of(paths[EXACT], among), asking, chosen.neighbours)
    found: dict[str, Row] = {}
    for code, path in paths.items():
        share = kept(exact, nearest(values_of(path, among), asking, chosen.neighbours))
        found[code] = {"neighbours_kept": text(share)}
    return found
