"""What a Dask worker does, in this process."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from speckle2vec.errors import UserError
from speckle2vec.preprocess import remote
from speckle2vec.preprocess.samples import Job, OpenJob
from speckle2vec.products.keys import ShardKey
from speckle2vec.settings.load import parse_settings

SETTINGS = parse_settings({"corpora": {"demo": {"source": "simulated"}}}, "test")


def job_of(features="sar-temporal"):
    return Job(SETTINGS, ShardKey("demo", "train-000001"), features, Path("made"), (12, 64, 64))


@pytest.fixture
def opened(monkeypatch):
    """Which jobs were opened and which were closed, in their order."""
    told = {"opened": [], "closed": []}

    def open_job(job):
        files = ExitStack()
        files.callback(told["closed"].append, len(told["opened"]))
        told["opened"].append(job)
        return OpenJob(job, None, None, {}, None, files)

    monkeypatch.setattr(remote, "open_job", open_job)
    monkeypatch.setattr(remote, "compute_open", lambda opened, row: (opened.job, row))
    monkeypatch.setattr(remote, "_open", type(remote._open)())
    return told


def task(run="1", **otherwise):
    job = job_of()
    return remote.Task(job, run, {**remote.build_of(job), **otherwise})


def test_a_shard_is_opened_once_for_a_run(opened):
    assert [remote.compute_there(task(), row)[1] for row in (0, 3, 4)] == [0, 3, 4]
    assert len(opened["opened"]) == 1


def test_a_shard_that_was_mended_is_opened_anew_by_the_next_run(opened):
    for run in "12":
        remote.compute_there(task(run), 0)
    assert len(opened["opened"]) == 2


def test_runs_take_turns_and_the_one_longest_unused_is_closed(opened):
    for run in "123414":
        remote.compute_there(task(run), 0)
    assert (len(opened["opened"]), opened["closed"]) == (4, [])
    remote.compute_there(task("5"), 0)
    assert opened["closed"] == [1]


@pytest.mark.parametrize("error", [UserError("a.tif: is damaged."), OSError("no such disk")])
def test_what_is_wrong_with_a_sample_is_told_and_not_raised(opened, monkeypatch, error):
    def fail(opened, row):
        raise error

    monkeypatch.setattr(remote, "compute_open", fail)
    assert remote.compute_there(task(), 0) == remote.Trouble(str(error))


def test_another_build_is_told_by_what_differs(opened):
    trouble = remote.compute_there(task(numpy="1.0", code="other"), 0)
    assert trouble.other_build
    ours = remote.build_of(job_of())
    assert (
        trouble.text
        == f"numpy {ours['numpy']} instead of 1.0, code {ours['code']} instead of other"
    )
    assert opened["opened"] == []


def test_the_build_is_of_the_feature_set_that_was_chosen():
    assert remote.build_of(job_of())["code"] != remote.build_of(job_of("fusion"))["code"]
