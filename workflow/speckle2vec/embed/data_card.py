"""The data card: what stands in the table of embeddings, and what to beware of.

Written from the table itself and the catalogue; nothing is known beforehand. What is asked
follows Gebru et al. 2021, "Datasheets for datasets" (arXiv:1803.09010).
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq

from speckle2vec.markdown import bullets, table
from speckle2vec.measures.health import health
from speckle2vec.products.belonging import check_belongs
from speckle2vec.products.catalogue import ACCEPTED, read_catalogue
from speckle2vec.products.embeddings import WIDTH, about_table, embedding_values, made_by
from speckle2vec.products.encoders import digest_of, read_encoder
from speckle2vec.products.keys import parse_keys
from speckle2vec.products.parquet import table_reader
from speckle2vec.products.refused import refused
from speckle2vec.products.whole import whole_file
from speckle2vec.provenance import generator
from speckle2vec.settings.root import Settings

COLUMNS = ("corpus", "place", "longitude", "latitude", "dates", "split", "verdict", "reason")
ORIGINS = {
    "simulated": "drawn by this software; nobody else's rights, and no real place",
    "ssl4eo": "SSL4EO-S12 v1.1 (CC-BY-4.0); contains modified Copernicus Sentinel data",
    "stac": "cut from open archives; contains modified Copernicus Sentinel data",
    "geotiff": "files of the user, whose licence holds",
}
MOST_REASONS = 8
MOST_JUDGED = 4096
"""Health is that of so many drawn samples at most."""
BEWARE = (
    "Embeddings of two encoders do not compare. The first line tells which one made these.",
    "Pretraining has seen the samples of the split `train`; judge by the others.",
    "Samples near each other are alike: leave out whole blocks, not samples, when you validate.",
    "A position is the centre of a sample; what lies at its edges counts as much.",
)
Array = npt.NDArray[np.float32]


def write_data_card(
    settings: Settings, embeddings: Path, catalogue: Path, encoder: Path, output: Path
) -> None:
    """Write the card as Markdown; equal products give equal bytes.

    Args:
        settings: The corpora, the splits and the seed count.
        embeddings: `results/embeddings.parquet`.
        catalogue: `results/catalogue.parquet`.
        encoder: The encoder that made them.
        output: `results/data_card.md`.

    Raises:
        UserError: A file is missing or damaged.
    """
    about = about_table(embeddings)
    check_belongs(encoder, {"digest": digest_of(encoder)}, made_by(about))
    keys = parse_keys(about.get("shards", ()))
    rows = read_catalogue(catalogue, COLUMNS, keys, settings.drawn).to_pandas()
    sections = [
        "# Data card of the embeddings",
        _what(settings, embeddings, encoder),
        "## Where they come from",
        table(list(_corpora(settings, rows))),
        "## Splits",
        _splits(settings, rows),
        "## Refused",
        _refused(rows[rows["verdict"] != ACCEPTED]),
        "## How they lie",
        _health(embeddings, settings.seed),
        "## Beware",
        bullets(BEWARE),
    ]
    with whole_file(output) as target:
        target.write_text("\n\n".join(sections) + "\n")


def _what(settings: Settings, embeddings: Path, encoder: Path) -> str:
    with refused(embeddings):
        count = pq.read_metadata(embeddings).num_rows
    trained = read_encoder(encoder)
    return (
        f"{count:,} embeddings of {WIDTH} float32 numbers, one a sample, by "
        f"`{settings.model.path}` (trained on {trained.samples:,} samples, data "
        f"{trained.data[:16]}, seed {trained.seed}; features in "
        f"{trained.statistics.calibration}). `card.md` beside the encoder tells more."
    )


def _corpora(settings: Settings, rows: pd.DataFrame) -> Iterator[dict[str, str]]:
    for name, own in rows.groupby("corpus", sort=True):
        taken = own[own["verdict"] == ACCEPTED]
        corpus = settings.corpora[str(name)]
        yield {
            "corpus": str(name),
            "origin": ORIGINS[corpus.source],
            "samples": f"{len(taken):,} of {len(own):,}",
            "places": f"{taken['place'].nunique():,}",
            "dates": _period(taken["dates"]),
            "longitude": _span(taken["longitude"]),
            "latitude": _span(taken["latitude"]),
        }


def _period(dates: "pd.Series[Any]") -> str:
    known = pd.to_datetime(dates.explode().dropna())
    return f"{known.min():%Y-%m-%d} to {known.max():%Y-%m-%d}" if len(known) else "unknown"


def _span(degrees: "pd.Series[float]") -> str:
    known = degrees.dropna()
    return f"{known.min():.2f} to {known.max():.2f}" if len(known) else "unknown"


def _splits(settings: Settings, rows: pd.DataFrame) -> str:
    taken = rows[rows["verdict"] == ACCEPTED]
    counts = taken["split"].fillna("none").value_counts().sort_index()
    shares = [
        {
            "split": str(name),
            "samples": f"{count:,}",
            "share": f"{count / len(taken):.1%}",
        }
        for name, count in counts.items()
    ]
    told = (
        f"Blocks of {settings.splits.block_km:g} km fall to splits as wholes; samples nearer than "
        f"{settings.splits.buffer_km:g} km to a block of another split are in none (`buffer`)."
    )
    return f"{told}\n\n{table(shares)}"


def _refused(rows: pd.DataFrame) -> str:
    if not len(rows):
        return "No sample was refused."
    reasons = Counter(rows["reason"].str.replace(r"\d[\d.,]*", "#", regex=True))
    return table(
        [{"samples": f"{n:,}", "reason": reason} for reason, n in reasons.most_common(MOST_REASONS)]
    )


def _health(embeddings: Path, seed: int) -> str:
    values = _drawn(embeddings, seed)
    if len(values) < 2:
        return "Too few embeddings to tell."
    found = health(values)
    lengths = np.linalg.norm(values.astype(np.float64), axis=1)
    return (
        f"Of {len(values):,} samples: length {lengths.mean():.3g} ± {lengths.std():.2g}; spread of "
        f"the directions {found.std:.2f} (0 all alike, 1 even), mean cosine {found.cosine:.2f}, "
        f"effective rank {found.rank:.1f} (Roy and Vetterli 2007)."
    )


def _drawn(embeddings: Path, seed: int) -> Array:
    """Embeddings of some samples, row group by row group."""
    with refused(embeddings), table_reader(embeddings) as file:
        count = file.metadata.num_rows
        drawn = np.sort(generator(seed, "data card").permutation(count)[:MOST_JUDGED])
        parts, start = [np.empty((0, WIDTH), np.float32)], 0
        for group in range(file.num_row_groups):
            held = embedding_values(file.read_row_group(group, ["embedding"])["embedding"])
            here = drawn[(drawn >= start) & (drawn < start + len(held))]
            parts.append(held[here - start])
            start += len(held)
    return np.concatenate(parts)
