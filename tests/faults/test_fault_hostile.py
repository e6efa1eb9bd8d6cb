"""Files made to harm: refused in bounded time and memory, and nothing beside them is touched."""

import json
import zipfile

import numpy as np
import pytest
from tests.readers import fakes

from speckle2vec.errors import UserError
from speckle2vec.ingest.verdicts import before_pixels
from speckle2vec.readers.base import Sample
from speckle2vec.readers.ssl4eo import ZarrShard
from speckle2vec.settings.load import load_settings, parse_settings

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{this}: &{this} [{','.join([f'*{before}'] * 9)}]\n"
    for before, this in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (LAUGHS + "corpora: {t: {source: simulated, shards: *i}}", "more than 100,000 values"),
        ("corpora: &a {t: *a}", "more than 100,000 values"),
        ("corpora: " + "[" * 100_000, "is not valid YAML"),
    ],
    ids=["aliases", "endless", "deep"],
)
def test_fault_settings_that_grow_when_read(tmp_path, text, sentence):
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(UserError, match=sentence):
        load_settings(tmp_path / "config.yaml")


def test_fault_a_long_wrong_setting_is_told_in_a_short_sentence(tmp_path):
    (tmp_path / "config.yaml").write_text(f"seed: {'x' * 1_000_000}\ncorpora: {{}}")
    with pytest.raises(UserError, match="The setting `seed` is wrong") as told:
        load_settings(tmp_path / "config.yaml")
    assert len(str(told.value)) < 2_000


@pytest.fixture
def shard(tmp_path):
    """A shard of the published layout, with members of its zip changed."""

    def make(change, extra=()):
        path = fakes.write_zarr(tmp_path, fakes.published(samples=2), zarr_format=3)
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, change(name, content))
            for name, content in extra:
                archive.writestr(name, content)
        return path

    return make


def test_fault_a_shard_that_declares_more_than_memory_holds(shard):
    def huge(name, content):
        if name != "bands/zarr.json":
            return content
        about = json.loads(content)
        about["shape"][-2:] = [10**6, 10**6]
        about["chunk_grid"]["configuration"]["chunk_shape"][-2:] = [10**6, 10**6]
        return json.dumps(about)

    def consolidated(name, content):
        about = json.loads(content) if name == "zarr.json" else {}
        if "consolidated_metadata" not in about:
            return huge(name, content)
        return json.dumps({key: about[key] for key in about if key != "consolidated_metadata"})

    with pytest.raises(UserError, match="more than any release of SSL4EO-S12 holds"):
        ZarrShard(str(shard(consolidated)), "sigma0")


def test_fault_members_that_point_outside_are_written_nowhere(shard, tmp_path):
    outside = [("../escaped.txt", "x"), ("/tmp/speckle2vec-escaped.txt", "x"), ("a/../../b", "x")]
    before = {path for path in tmp_path.parent.rglob("*") if path.name in ("escaped.txt", "b")}
    opened = ZarrShard(str(shard(lambda name, content: content, outside)), "sigma0")
    assert np.isfinite(opened.read(0)).any()
    opened.close()
    after = {path for path in tmp_path.parent.rglob("*") if path.name in ("escaped.txt", "b")}
    assert after == before


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "-2+3+cmd|' /C calc'!A0", "a\nb", "", '"a'])
def test_fault_ids_that_a_spreadsheet_would_run_are_refused(name):
    corpus = parse_settings({"corpora": {"t": {"source": "simulated"}}}, "test").corpora["t"]
    assert "no plain text" in before_pixels(Sample(name, 0, "p", None, ()), corpus)


@pytest.mark.parametrize("prefix", ["=cmd|", "@a", "\ta", "a\n"])
def test_fault_a_prefix_of_ids_that_a_spreadsheet_would_run_is_refused(prefix):
    corpus = {"source": "simulated", "id_prefix": prefix}
    with pytest.raises(UserError, match="id_prefix` is wrong"):
        parse_settings({"corpora": {"t": corpus}}, "test")


@pytest.mark.parametrize(
    "name", ["0000001", "Mekong_16068_r0_c1", "-3.2,37.1", "Lanjarón 7", "a/b"]
)
def test_ids_of_real_corpora_are_taken(name):
    corpus = parse_settings({"corpora": {"t": {"source": "simulated"}}}, "test").corpora["t"]
    assert "georeferenced" in before_pixels(Sample(name, 0, "p", None, ()), corpus)
