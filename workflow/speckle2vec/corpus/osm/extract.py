"""The stage that takes what an OpenStreetMap extract knows around the samples of a corpus."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import shapely

from speckle2vec.corpus.osm.extent import extent_of, told
from speckle2vec.corpus.osm.file import read_header, read_objects
from speckle2vec.corpus.osm.objects import Feature, Objects
from speckle2vec.corpus.osm.patches import Patches, read_patches
from speckle2vec.corpus.osm.rows import ORDER, PART, Rows
from speckle2vec.corpus.osm.runs import Runs
from speckle2vec.corpus.osm.tags import Matcher
from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.osm_features import SCHEMA, write_features
from speckle2vec.products.whole import scratch_folder
from speckle2vec.progress import LOGGER
from speckle2vec.readers.locations import is_url, locate
from speckle2vec.settings.osm import Osm
from speckle2vec.settings.root import Settings

FEATURES_TOGETHER = 5_000
CHARACTERS_TOGETHER = 64_000_000
_EXAMPLES = 20


def extract_features(
    settings: Settings, keys: Sequence[ShardKey], catalogue: Path, output: Path
) -> None:
    """Write the points, lines and polygons around all samples of a corpus (paper, section 2).

    The extract is read once for all samples (`osm_file`). Memory holds the outlines of the
    samples, the positions of nodes (setting `osm.index`), and one shard's features.

    Args:
        settings: All settings.
        keys: The shards of one corpus.
        catalogue: Where the parts of the catalogue are, `results/catalogue`.
        output: The product, `results/osm/{corpus}/features.parquet`.

    Raises:
        UserError: No extract is named; it is missing, damaged, or lies elsewhere.
    """
    osm, path = settings.osm, _path(settings)
    header, patches = read_header(path), read_patches(keys, catalogue, osm.around)
    extent = extent_of(settings, header, path)
    _check_overlap(path, extent, patches)
    objects, rows = Objects(Matcher(osm.table)), _rows(osm, keys, patches)
    with scratch_folder(output) as folder:
        runs = Runs(folder, PART, ORDER)
        entities = read_objects(path, objects.matcher.keys, _index(osm, folder))
        for batch in _together(objects.features(entities)):
            runs.add(rows.of(batch))
        tell(path, rows, objects)
        about = {
            "corpus": keys[0].corpus, "file": path.name, "generator": header.generator,
            "moment": header.replicated, "extent": shapely.to_wkt(extent, rounding_precision=7),
            "around": osm.around, **_counts(rows, objects),
            "classes": [[name, one.model_dump(mode="json")] for name, one in osm.table.items()],
        }  # fmt: skip
        write_features(output, (shard.select(SCHEMA.names) for shard in runs.shards()), about)


def tell(path: Path, rows: Rows, objects: Objects) -> None:
    """Write into the log what a person should know of the extract."""
    LOGGER.info(
        "%s: took %d features around %d samples.", path, rows.taken, len(rows.patches.sample_ids)
    )
    unclosed = objects.unclosed()
    if any(unclosed.values()):
        first = next(f"{kind} {numbers[0]}" for kind, numbers in unclosed.items() if numbers)
        LOGGER.warning(
            "%s: left out %d multipolygons and %d closed ways, such as %s: their rings are broken, "
            "or parts of them lie outside the extract.", path, len(unclosed["relation"]),
            len(unclosed["way"]), first,
        )  # fmt: skip
    if objects.cut_lines or objects.lost_lines:
        LOGGER.warning(
            "%s: of %d lines only parts lie in the extract, of %d nothing: it was cut without "
            "completing its ways.", path, objects.cut_lines, objects.lost_lines,
        )  # fmt: skip
    if rows.repaired:
        LOGGER.info("%s: repaired %d invalid polygons.", path, len(rows.repaired))


def _path(settings: Settings) -> Path:
    if not settings.osm.path:
        raise UserError(
            "The settings name no extract of OpenStreetMap; set `osm.path` to an .osm.pbf, such "
            "as those of https://download.geofabrik.de."
        )
    path = locate(settings.data, settings.osm.path)
    if is_url(path):
        raise UserError(
            f"{path}: is a URL, but an extract is read twice from a disk; fetch it first, and set "
            "`osm.path` to the file."
        )
    return Path(path)


def _rows(osm: Osm, keys: Sequence[ShardKey], patches: Patches) -> Rows:
    parts = {key.shard: part for part, key in enumerate(keys)}
    return Rows(patches, parts, {name: rank for rank, name in enumerate(osm.table)})


def _index(osm: Osm, folder: Path) -> str:
    return "flex_mem" if osm.index == "memory" else f"sparse_file_array,{folder}/nodes"


def _check_overlap(path: Path, extent: shapely.Geometry, patches: Patches) -> None:
    if not patches.sample_ids:
        raise UserError(
            "The corpus has no accepted sample, so there is nothing to look around; the catalogue "
            "tells why each was refused."
        )
    if not shapely.intersects(extent, patches.outlines).any():
        samples = told(shapely.total_bounds(patches.outlines).tolist())
        there = told(shapely.bounds(extent).tolist())
        raise UserError(
            f"{path}: has nothing around the samples: it lies at {there}, the "
            f"samples at {samples}; set `osm.path` to an extract of their region."
        )


def _counts(rows: Rows, objects: Objects) -> dict[str, Any]:
    unclosed = {
        kind: {"count": len(numbers), "such_as": numbers[:_EXAMPLES]}
        for kind, numbers in objects.unclosed().items()
    }
    return {
        "rows": rows.taken, "repaired": len(rows.repaired), "unclosed": unclosed,
        "cut_lines": objects.cut_lines, "lost_lines": objects.lost_lines,
    }  # fmt: skip


def _together(features: Iterable[Feature]) -> Iterator[list[Feature]]:
    """Features in batches that memory can hold."""
    batch: list[Feature] = []
    characters = 0
    for feature in features:
        batch.append(feature)
        characters += len(feature.wkb)
        if len(batch) >= FEATURES_TOGETHER or characters >= CHARACTERS_TOGETHER:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
