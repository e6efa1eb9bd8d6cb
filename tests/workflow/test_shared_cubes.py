"""Cubes that runs share by Snakemake's cache between workflows."""

import shutil

import pytest
import yaml

TINY = "config/experiments/tiny.yaml"
SHARDS = ("train-000001", "val-000001")
TARGETS = [f"results/cubes/sar-temporal/tiny/{shard}.zarr.zip" for shard in SHARDS]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "shared"
    folder.mkdir()
    monkeypatch.setenv("SNAKEMAKE_OUTPUT_CACHE", str(folder))
    return folder


def another(project, folder, **changes):
    """A copy of the project elsewhere, without cubes and with other settings."""
    shutil.copytree(project.folder, folder, symlinks=True)
    shutil.rmtree(folder / "results/cubes")
    path = folder / TINY
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **changes}))
    return type(project)(folder)


def worked_on(said):
    """How many cubes were computed and not taken."""
    return said.count("Moving output file results/cubes")


def test_a_run_elsewhere_takes_cubes_of_the_same_settings_only(finished_once, tmp_path, cache):
    first = another(finished_once, tmp_path / "first")
    assert worked_on(first.make(*TARGETS, "--cache")) == 2
    assert len(list(cache.iterdir())) == 2

    others = {"pretrain": {"epochs": 7, "learning_rate": 0.002}, "splits": {"block_km": 10}}
    second = another(finished_once, tmp_path / "second", **others)
    assert worked_on(second.make(*TARGETS, "--cache")) == 0
    for target in TARGETS:
        assert (second.folder / target).resolve().parent == cache
        expected = (finished_once.folder / target).read_bytes()
        assert (second.folder / target).read_bytes() == expected

    changed = {"sar_temporal": {"sobel_source": "denoised"}}
    third = another(finished_once, tmp_path / "third", preprocess=changed)
    assert worked_on(third.make(TARGETS[0], "--cache")) == 1
    assert len(list(cache.iterdir())) == 3
    ours, theirs = ((one.folder / TARGETS[0]).read_bytes() for one in (third, second))
    assert ours != theirs


def test_without_the_cache_nothing_is_shared_and_timings_are_kept(finished_once, tmp_path, cache):
    project = another(finished_once, tmp_path / "alone")
    timing = project.folder / "results/timings/preprocess/sar-temporal/tiny/train-000001.tsv"
    timing.unlink()
    project.make(TARGETS[0])
    assert timing.exists()
    assert not (project.folder / TARGETS[0]).is_symlink()
    assert not list(cache.iterdir())
