"""The data card where samples are in no split, refused altogether, or have no date."""

from datetime import datetime

import pandas as pd
import pyarrow as pa
import pytest

from speckle2vec.embed.data_card import _corpora, _splits
from speckle2vec.products.catalogue import SCHEMA
from speckle2vec.settings.load import parse_settings

SETTINGS = parse_settings({"corpora": {"drawn": {"source": "simulated"}}}, "test")


def catalogue(*rows):
    """Samples as the card reads them."""
    common = {**dict.fromkeys(SCHEMA.names), "corpus": "drawn", "shard": "a", "row": 0,
              "place": "p", "dates": [], "verdict": "accepted", "reason": ""}  # fmt: skip
    told = [{**common, "sample_id": f"{number}", **row} for number, row in enumerate(rows)]
    return pa.Table.from_pylist(told, SCHEMA).to_pandas()


def lines_of(text):
    return [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]


@pytest.mark.parametrize("splits", [["train", None, "train", None], [None] * 4])
def test_samples_without_a_position_are_in_no_split(splits):
    """`split` is null for a sample that nobody knows the place of."""
    lines = lines_of(_splits(SETTINGS, catalogue(*({"split": split} for split in splits))))
    count = splits.count(None)
    assert ["none", f"{count}", f"{count / 4:.1%}"] in lines
    assert "nan" not in {line[0] for line in lines}


def test_a_corpus_of_refused_samples_alone_has_no_period_and_no_span():
    refused = {"verdict": "refused", "longitude": 3.0, "dates": [datetime(2020, 1, 1)]}
    (line,) = _corpora(SETTINGS, catalogue(refused, refused))
    assert line["samples"] == "0 of 2"
    assert (line["dates"], line["longitude"]) == ("unknown", "unknown")


def test_dates_that_are_not_known_do_not_count():
    known = {"dates": [None, datetime(2021, 5, 3)]}
    (line,) = _corpora(SETTINGS, catalogue(known, {"dates": []}, {"dates": None}))
    assert line["dates"] == "2021-05-03 to 2021-05-03"
    assert pd.isna(catalogue(known)["longitude"]).all()
