"""From places to candidates by the commands, over HTTP."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow.parquet as pq
import pystac
import pytest
import yaml
from odc.stac import parse_item

from speckle2vec.cli import main
from speckle2vec.products.candidates import SCHEMA, read_candidates
from speckle2vec.products.places import write_places
from speckle2vec.settings.load import load_settings

PLACES = [[13.0, 48.2], [13.1, 48.3], [0.0, 0.0], [12.6, 48.0]]
FIRST, SECOND = "train-000001", "train-000002"


@pytest.fixture(scope="module")
def api(made, services, tmp_path_factory):
    refused = made.radar("hh", "2021-06-01T05:00:00Z", 32631, (100000, -50000, 300000, 50000))
    refused["assets"] = {"hh": refused["assets"]["vv"]}
    lacking = made.optical("o", "2021-06-01T10:00:00Z", 32631, (110000, -54900, 219800, 54900))
    items = [*made.year(step=12), *made.year(make=made.optical, step=5, hour=10), refused, lacking]
    with services.stac_api(items, tmp_path_factory.mktemp("api")) as address:
        yield address


@pytest.fixture
def front(api, services):
    with services.served(services.Front(api)) as one:
        one.signing = True
        yield one


@pytest.fixture
def run(front, tmp_path, monkeypatch):
    """Run `find-images` for the places; gives its status and the table."""
    monkeypatch.chdir(tmp_path)
    shards = np.array([FIRST, FIRST, FIRST, SECOND])
    write_places(tmp_path / "places.parquet", np.array(PLACES), np.array([""] * 4), shards, {})

    def make(shard=FIRST, output="found.parquet", **search):
        write_config(tmp_path / "config.yaml", front.url, **search)
        status = main(command(shard, output))
        table = read_candidates(tmp_path / output) if status == 0 else None
        return status, table

    return make


def write_config(path, url, **search):
    corpus = {
        "source": "stac", "sampling": {"outlines": "x", "count": 4}, "places_per_shard": 3,
        "search": {"start": "2021-01-01", "end": "2021-12-31", **search},
        "provider": {"url": url, "pause_s": 0.01, "attempts": 3, "connections": 3},
    }  # fmt: skip
    path.write_text(yaml.safe_dump({"corpora": {"new": corpus}}))


def command(shard=FIRST, output="found.parquet"):
    told = {"config": "config.yaml", "shard": f"new/{shard}", "places-file": "places.parquet",
            "cache": "search", "output": output, "log": "log.txt"}  # fmt: skip
    return ["find-images", *(part for name, value in told.items() for part in (f"--{name}", value))]


def test_every_place_has_four_pairs_or_a_reason(run):
    _, table = run()
    assert table.schema.equals(SCHEMA)
    rows = table.to_pylist()
    assert [(row["place"], row["role"], row["snapshot"]) for row in rows] == [
        *[(place, role, shot) for place in ("0000001", "0000002") for shot in range(4)
          for role in ("S1", "S2")],
        ("0000003", "none", 0),
    ]  # fmt: skip
    assert rows[-1]["reason"] == (
        "no usable image of Sentinel-1 contains the patch; images of S1: 1 x lacks VV, VH"
    )
    assert rows[-1]["item"] is None
    dates = [row["datetime"] for row in rows if row["role"] == "S1" and row["place"] == "0000001"]
    assert dates == sorted(dates)
    for first, second in zip(rows[:16:2], rows[1:16:2], strict=True):
        days = (second["datetime"] - first["datetime"]).total_seconds() / 86400
        assert first["delay_days"] == second["delay_days"] == pytest.approx(days)
        assert abs(days) <= 3


def test_a_shard_without_any_image_is_reasons(run):
    _, table = run(start="2015-01-01", end="2015-12-31")
    assert table["role"].to_pylist() == ["none"] * 3
    assert all("contains the patch" in reason for reason in table["reason"].to_pylist())


def test_a_row_says_what_the_item_says(run):
    _, table = run(samples="pair")
    radar, optical, *_ = table.to_pylist()
    expected = {
        "collection": "sentinel-1-rtc", "provider": "planetary-computer", "epsg": 32633,
        "platform": "sentinel-1a", "orbit": "ascending 44",
    }  # fmt: skip
    assert {name: radar[name] for name in expected} == expected
    assert (optical["baseline"], optical["offset"], optical["cloud"]) == ("03.00", 0, 10.0)
    assert (radar["baseline"], radar["offset"], radar["cloud"]) == (None, None, None)
    stac = json.loads(optical["stac"])
    assert stac["id"] == optical["item"]
    assert stac["assets"]["B02"]["href"] == "https://images.test/B02.tif"


def test_the_items_kept_load_as_stac_items(run):
    for row in run()[1].to_pylist()[:2]:
        parsed = parse_item(pystac.Item.from_dict(json.loads(row["stac"])))
        assert len(parsed.bands) in (2, 13)
        assert all(band.geobox is not None for band in parsed.bands.values())


def test_no_signature_reaches_a_product_a_log_or_the_kept_searches(run, tmp_path, services):
    run()
    kept = [*tmp_path.rglob("*.parquet"), tmp_path / "log.txt"]
    assert len(kept) == 3 * 2 + 3
    for path in kept:
        text = path.read_text() if path.suffix == ".txt" else str(pq.read_table(path).to_pydict())
        assert not [word for word in ("sig=", "se=", "token", "door") if word in text], path
        assert (
            path.name in ("places.parquet", "log.txt")
            or "images.test/B02.tif" in text
            or ("S2" not in path.name)
        )


def test_searching_again_asks_nothing_and_gives_the_same_bytes(run, front, tmp_path):
    run()
    asked = len(front.searches)
    run(output="again.parquet")
    assert (tmp_path / "found.parquet").read_bytes() == (tmp_path / "again.parquet").read_bytes()
    run(samples="pair", max_days=1.0, most_cloud=50)
    assert len(front.searches) == asked == 6
    run(samples="pair", end="2021-11-30")
    assert len(front.searches) > asked


def test_a_failed_shard_goes_on_where_it_was(run, front, capsys):
    front.faults = [0, 0, *[503] * 30]
    status, _ = run()
    assert status == 1
    assert "still fails after 3 tries" in capsys.readouterr().err
    front.faults, before = [], len(front.searches)
    assert run()[0] == 0
    assert len(front.searches) - before == 4


def test_an_archive_that_is_gone_is_greeted_once_and_not_by_every_thread(
    run, front, tmp_path, caplog, monkeypatch
):
    write = write_config
    monkeypatch.setitem(globals(), "write_config", lambda path, url, **search: write(
        path, "http://127.0.0.1:9", **search))  # fmt: skip
    assert run()[0] == 1
    told = [one for one in caplog.messages if "no answer" in one]
    assert len(told) == 2, told


def test_no_more_connections_than_asked(run, front):
    front.delay_s = 0.2
    run()
    assert front.most_at_once == 3


def test_ctrl_c_keeps_what_was_found(run, front, tmp_path):
    write_config(tmp_path / "config.yaml", front.url)
    front.delay_s = 0.5
    running = subprocess.Popen([sys.executable, "-m", "speckle2vec", *command()], cwd=tmp_path)
    while len(front.searches) < 4 and running.poll() is None:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    assert running.wait(30) == 130
    assert not (tmp_path / "found.parquet").exists()
    kept, before = len(list((tmp_path / "search").rglob("*.parquet"))), len(front.searches)
    assert kept >= 3
    front.delay_s = 0.0
    assert run()[0] == 0
    assert len(front.searches) - before == 6 - kept


def test_what_was_asked_too_soon_is_asked_again(run, front, tmp_path):
    """An archive still takes in images of a period that has hardly ended."""
    run()
    asked = len(front.searches)
    for path in (tmp_path / "search").rglob("*.parquet"):
        table = pq.read_table(path)
        told = {**table.schema.metadata, b"asked": b"1640995200"}  # 1 January 2022
        pq.write_table(table.replace_schema_metadata(told), path)
    run()
    assert len(front.searches) == 2 * asked


def test_a_damaged_search_is_made_again(run, front, tmp_path):
    run()
    asked = len(front.searches)
    next((tmp_path / "search").rglob("*S2*.parquet")).write_bytes(b"PAR1 no")
    assert run()[0] == 0
    assert len(front.searches) == asked + 1


def test_parts_are_merged_in_order(run, tmp_path):
    (tmp_path / "parts").mkdir()
    for shard in (FIRST, SECOND):
        run(shard, f"parts/{shard}.parquet", samples="pair")
    main(["merge-candidates", "--config", "config.yaml", "--corpus", "new", "--candidates", "parts",
          "--output", "all.parquet"])  # fmt: skip
    places = read_candidates(tmp_path / "all.parquet", ["place"])["place"].to_pylist()
    assert places == ["0000001"] * 2 + ["0000002"] * 2 + ["0000003"] + ["0000004"] * 2


def test_other_corpora_are_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text("corpora: {new: {source: simulated}}")
    assert load_settings(tmp_path / "config.yaml")
    assert main(command()) == 1
    assert "'new' is no corpus with `source: stac`" in capsys.readouterr().err
