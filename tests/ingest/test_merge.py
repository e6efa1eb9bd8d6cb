import json

import geopandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speckle2vec.errors import UserError
from speckle2vec.ingest import merge
from speckle2vec.ingest.merge import merge_catalogue
from speckle2vec.products.catalogue import SCHEMA, write_catalogue
from speckle2vec.products.keys import ShardKey


@pytest.fixture
def settings(settings_of):
    return settings_of(".", source="simulated")


def part(folder, key, names, reasons=(), longitude=10.0):
    reasons = reasons or [""] * len(names)
    rows = [
        {
            "sample_id": name, "corpus": key.corpus, "shard": key.shard, "row": row,
            "place": name, "longitude": longitude, "latitude": 45.0, "dates": [None],
            "verdict": "refused" if reason else "accepted", "reason": reason,
        }
        for row, (name, reason) in enumerate(zip(names, reasons, strict=True))
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    write_catalogue(table, key.part(folder, ".parquet"))


KEYS = [ShardKey("b", "2"), ShardKey("a", "1"), ShardKey("a", "3")]


def test_parts_become_one_geoparquet_in_the_order_of_the_keys(settings, tmp_path):
    for number, key in enumerate(KEYS):
        part(tmp_path, key, [f"{key.shard}x", f"{key.shard}y"], longitude=10.0 + number)
    merge_catalogue(settings, KEYS, tmp_path, tmp_path / "all.parquet")
    frame = geopandas.read_parquet(tmp_path / "all.parquet")
    assert list(frame["sample_id"]) == ["2x", "2y", "1x", "1y", "3x", "3y"]
    assert frame.crs.to_epsg() == 4326
    assert [(point.x, point.y) for point in frame.geometry[::2]] == [(10, 45), (11, 45), (12, 45)]
    stored = pq.read_schema(tmp_path / "all.parquet")
    assert stored.names == [*SCHEMA.names, "geometry"]
    assert json.loads(stored.metadata[b"geo"])["columns"]["geometry"]["encoding"] == "WKB"
    assert stored.metadata[b"block"] == SCHEMA.metadata[b"block"]


def test_samples_without_a_position_have_no_point(settings, tmp_path):
    part(tmp_path, KEYS[0], ["p"], longitude=None)
    part(tmp_path, KEYS[1], ["q"])
    merge_catalogue(settings, KEYS[:2], tmp_path, tmp_path / "all.parquet")
    frame = geopandas.read_parquet(tmp_path / "all.parquet")
    assert list(frame.geometry.isna()) == [True, False]


def test_an_id_taken_by_an_earlier_shard_is_refused(settings, tmp_path, caplog):
    part(tmp_path, KEYS[0], ["p", "q"], reasons=["", "is constant"])
    part(tmp_path, KEYS[1], ["q", "p"])
    part(tmp_path, KEYS[2], ["p", "q"])
    merge_catalogue(settings, KEYS, tmp_path, tmp_path / "all.parquet")
    rows = pq.read_table(tmp_path / "all.parquet").to_pylist()
    verdicts = [row["verdict"] for row in rows]
    assert verdicts == ["accepted", "refused", "accepted", "refused", "refused", "refused"]
    assert rows[3]["reason"].startswith("its id p is taken by shard b/2; give one of the corpora")
    assert "`id_prefix`" in rows[3]["reason"]
    assert "taken by shard a/1" in rows[5]["reason"]
    assert "a/1: 1 of its samples are refused, because b/2 holds their ids" in caplog.text


def test_bytes_and_row_groups_depend_on_the_parts_only(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(merge, "ROWS_TOGETHER", 5)
    keys = [ShardKey("a", str(number)) for number in range(7)]
    for key in keys:
        part(tmp_path, key, [f"{key.shard}-{row}" for row in range(2)])
    for name in ("one", "two"):
        merge_catalogue(settings, keys, tmp_path, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    groups = pq.ParquetFile(tmp_path / "one").metadata
    assert [groups.row_group(at).num_rows for at in range(groups.num_row_groups)] == [6, 6, 2]


def test_nothing_accepted_stops_with_the_commonest_reasons(settings, tmp_path):
    constant = [f"VV of 2020-01-{day:02d} is constant (-{day} dB)" for day in range(1, 8)]
    others = ["has 3 dates where 4 are declared"] * 3
    names = [f"s{number}" for number in range(10)]
    part(tmp_path, KEYS[0], names, reasons=others + constant)
    sentence = (
        r"None of the 10 samples is accepted; the commonest reasons: 7 such as s3 \(VV of "
        r"2020-01-01 is constant.*; 3 such as s0 \(has 3 dates"
    )
    with pytest.raises(UserError, match=sentence):
        merge_catalogue(settings, KEYS[:1], tmp_path, tmp_path / "all.parquet")
    assert not (tmp_path / "all.parquet").exists()


def test_a_missing_part_is_told(settings, tmp_path):
    with pytest.raises(UserError, match=r"b/2.parquet: is missing or damaged"):
        merge_catalogue(settings, KEYS, tmp_path, tmp_path / "all.parquet")
