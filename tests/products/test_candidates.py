from datetime import UTC, datetime

import pytest

from speckle2vec.errors import UserError
from speckle2vec.products.candidates import (
    NO_IMAGES,
    RADAR,
    SCHEMA,
    merge_candidates,
    read_candidates,
    write_candidates,
)

NOTHING = {**dict.fromkeys(SCHEMA.names), "snapshot": 0, "role": NO_IMAGES, "reason": "why"}
IMAGE = {
    **NOTHING, "role": RADAR, "item": "a", "datetime": datetime(2021, 1, 2, 3, tzinfo=UTC),
    "delay_days": 0.5, "epsg": 32633, "reason": "",
}  # fmt: skip


def test_candidates_are_read_as_they_were_written(tmp_path):
    rows = [{**IMAGE, "place": "0000001"}, {**NOTHING, "place": "0000002"}]
    for name in ("a", "b"):
        write_candidates(rows, tmp_path / name)
    table = read_candidates(tmp_path / "a")
    assert table.to_pylist() == rows
    assert table.schema.metadata[b"delay_days"].startswith(b"Sentinel-2 minus")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert read_candidates(tmp_path / "a", ["place"]).column_names == ["place"]


def test_parts_are_merged_in_their_order(tmp_path):
    parts = [tmp_path / str(number) for number in range(3)]
    for number, part in enumerate(parts):
        write_candidates([{**IMAGE, "place": f"{2 - number}"}], part)
    merge_candidates(parts, tmp_path / "all")
    assert read_candidates(tmp_path / "all")["place"].to_pylist() == ["2", "1", "0"]


def test_a_missing_or_damaged_file_is_a_sentence(tmp_path):
    (tmp_path / "bad").write_bytes(b"PAR1")
    for name in ("bad", "missing"):
        with pytest.raises(UserError, match="is missing or damaged"):
            read_candidates(tmp_path / name)
