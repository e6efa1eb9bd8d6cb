"""Samples that are shown, made by hand."""

from datetime import datetime

import numpy as np
import pyarrow as pa

from speckle2vec.products.catalogue import SCHEMA
from speckle2vec.products.labels import LabelClass
from speckle2vec.report.classes import Cover
from speckle2vec.report.samples import COLUMNS, Shown

CLASSES = (LabelClass(1, 1, "Town", "#e6004d"), LabelClass(2, 5, "Water", "#00ccf2"))


def shown_of(names, total=None, **columns):
    """Samples of some ids; other columns of the catalogue hold one value a sample."""
    rows = {
        "sample_id": names, "corpus": ["small"] * len(names), "shard": ["one"] * len(names),
        "place": [f"p{place}" for place in range(len(names))],
        "longitude": [8.0] * len(names), "latitude": [48.0] * len(names),
        "dates": [[datetime(2020, 1, 3)]] * len(names), "split": ["train"] * len(names), **columns,
    }  # fmt: skip
    table = pa.table(rows, schema=pa.schema([SCHEMA.field(name) for name in COLUMNS]))
    vectors = np.zeros((len(names), 1024), np.float32)
    return Shown(np.array(names, str), table, vectors, total or len(names), {})


def cover_of(commonest):
    return Cover(CLASSES, commonest, {})
