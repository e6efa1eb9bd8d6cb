"""Which settings of a corpus make its shards be checked and preprocessed again.

What says only which raw files there are, or what they are made by, does not: the files are inputs.
That nothing else reads it is seen by taking it away.
"""

from types import SimpleNamespace

import pytest
from tests.planning.tiny_plan import make_plan
from tests.readers import fakes

from speckle2vec.ingest.run import ingest_shard
from speckle2vec.planning.chain import OF_FILES, OF_SOURCE
from speckle2vec.preprocess.run import preprocess_shard
from speckle2vec.products.cubes import open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers import optical, registry
from speckle2vec.settings.load import parse_settings

SEARCH = {"start": "2021-01-01", "end": "2021-12-31"}
STAC = {"source": "stac", "sampling": {"outlines": "x.gpkg", "count": 100}, "search": SEARCH}
SSL4EO = {"source": "ssl4eo", "path": "/a", "folders": ["train"]}
OPTICAL = {"files": "s2/*", "pattern": r"s2/(?P<place>\w+)_(?P<date>\d{8})_(?P<band>B\w+)"}
STACKS = {**fakes.STACK, "optical": OPTICAL}
NONE, ALL, OPTICAL_ONLY = set(), {"ingest", "sar-temporal", "fusion"}, {"fusion"}
MADE = {"simulated": {"source": "simulated"}, "stac": STAC, "ssl4eo": SSL4EO, "geotiff": STACKS}


def depends(**corpus):
    """Dependencies of ingest and of preprocessing to each feature set."""
    plan = make_plan(corpora={"mine": corpus})
    cubes = {name: plan.preprocess("mine", name) for name in ("sar-temporal", "fusion")}
    return {"ingest": plan.ingest("mine"), **cubes}


@pytest.mark.parametrize(
    ("source", "changes", "affected"),
    [
        ("simulated", {"size": "tiny"}, NONE),
        ("simulated", {"shards": "train-*"}, NONE),
        ("simulated", {"minimum_valid": 0.5}, ALL),
        ("ssl4eo", {"folders": ["train", "val"]}, NONE),
        ("ssl4eo", {"path": "/b", "shards": "train-*"}, NONE),
        ("ssl4eo", {"id_prefix": "a"}, ALL),
        ("ssl4eo", {"optical_offset": 0}, OPTICAL_ONLY),
        ("stac", {"sampling": {"outlines": "x.gpkg", "count": 200}}, NONE),
        ("stac", {"provider": {"give_up": True, "attempts": 9}}, NONE),
        ("stac", {"provider": {"name": "earth-search"}}, NONE),
        ("stac", {"search": {**SEARCH, "max_days": 2, "most_cloud": 20}}, NONE),
        ("stac", {"search": {**SEARCH, "samples": "pair"}}, ALL),
        ("stac", {"size": 128, "places_per_shard": 32}, NONE),
        ("stac", {"calibration": "sigma0"}, ALL),
        ("geotiff", {"path": "elsewhere", "files": "*/*.tif", "places_per_shard": 4}, NONE),
        ("geotiff", {"tile": 128}, ALL),
        ("geotiff", {"units": "linear"}, ALL),
        ("geotiff", {"dates": 1}, ALL),
        ("geotiff", {"optical": {**OPTICAL, "path": "/b", "files": "s2/*/*"}}, NONE),
        ("geotiff", {"optical": {**OPTICAL, "undated": True}}, OPTICAL_ONLY),
    ],
)
def test_what_checking_and_preprocessing_depend_on(source, changes, affected):
    """Another provider or size cuts other raw files, which are an input."""
    before, after = depends(**MADE[source]), depends(**{**MADE[source], **changes})
    assert {rule for rule in before if before[rule] != after[rule]} == affected


def made_without(hidden, corpus, files, folder, monkeypatch):
    """Catalogue and cubes of a shard, as bytes, where some settings cannot be read."""
    settings, key = parse_settings({"corpora": {"mine": corpus}}, "test"), ShardKey("mine", "1")
    declared = settings.corpora["mine"].model_copy()
    for name in hidden:
        declared.__dict__.pop(name, None)
    if "search" in hidden:  # the number of dates is taken from it
        declared.__dict__["search"] = SimpleNamespace(samples="seasons")
    settings = settings.model_copy(update={"corpora": {"mine": declared}})
    monkeypatch.setattr(registry, "list_shards", lambda *_: {"1": files[0]})
    monkeypatch.setattr(optical, "list_optical", lambda *_: {"1": files[1]})
    part, made = folder / "part.parquet", {}
    ingest_shard(settings, key, folder, part)
    for features in ("sar-temporal", "fusion") if files[1] else ("sar-temporal",):
        preprocess_shard(settings, key, features, part, folder, folder / features, 1)
        made[features] = (folder / features).read_bytes()
        with open_cubes(folder / features) as cubes:
            assert cubes.sample_ids
    return {"ingest": part.read_bytes(), **made}


@pytest.mark.parametrize("source", ["simulated", "ssl4eo", "stac"])
def test_nothing_reads_from_shards_what_is_no_dependency(source, tmp_path, monkeypatch):
    radar = fakes.write_zarr(tmp_path, fakes.published(samples=2))
    images = fakes.write_zarr(tmp_path, fakes.optical(samples=2, offset=0), modality="S2L2A")
    files = (str(radar),), (str(images),)
    hidden = (*OF_FILES, *OF_SOURCE[source])
    whole, without = (
        made_without(names, MADE[source], files, tmp_path, monkeypatch) for names in ((), hidden)
    )
    assert whole == without


def test_nothing_reads_from_stacks_what_is_no_dependency(tmp_path, monkeypatch):
    """Where a corpus lies is read, to tell the names of its files from their folder."""
    fakes.write_stack(tmp_path, "place-1", ("20200101", "20200301"))
    files = tuple(sorted(map(str, tmp_path.glob("*.tif")))), ()
    hidden = {*OF_FILES, *OF_SOURCE["geotiff"]} - {"path"}
    corpus = {**fakes.STACK, "path": str(tmp_path)}
    whole, without = (
        made_without(names, corpus, files, tmp_path, monkeypatch) for names in ((), hidden)
    )
    assert whole == without
