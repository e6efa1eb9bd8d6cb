"""Every kind of product truncated, flipped, emptied, or exchanged for another that is whole.

Each command that reads it ends in one sentence that names it, and writes nothing; or the damage
is in what it does not read, and it writes the very bytes of an undisturbed run.
"""

import os
import re
from pathlib import Path

import pytest
from filelock import FileLock
from tests.workflow import damaged_run as run_of
from tests.workflow.damaged_run import COMMANDS, OTHER, SIBLINGS, TRAIN, Run, finished_run, linked
from tests.workflow.kills import digests

PART, CUBES = f"{run_of.CATALOGUE}/{TRAIN}.parquet", f"{run_of.CUBES}/{TRAIN}.zarr.zip"
EMBEDDINGS, LABELS = f"{run_of.PARTS}/{TRAIN}.parquet", f"{run_of.LABELS}/{TRAIN}.zarr.zip"
SEGMENTER, RESNET = f"{run_of.CELL}/segmenter.safetensors", f"results/models/{run_of.RESNET}"
EMBEDDED = ("encode", "probe", "search-index")
READ_BY = {
    run_of.RAW.format("train"): ("ingest", "preprocess"),
    PART: ("catalogue", "preprocess", "statistics", "neighbours", "pretrain", "labels",
           "class-shares", "finetune", "confusion"),
    run_of.MERGED: ("export", "geoparquet", "data-card", "probe-target", *EMBEDDED),
    CUBES: ("statistics", "pretrain", "embed", "finetune", "confusion"),
    run_of.STATISTICS: ("pretrain",),
    run_of.NEIGHBOURS: ("tile2vec",),
    run_of.ENCODER: ("embed", "export", "geoparquet", "data-card", "probe-code"),
    EMBEDDINGS: ("export", *EMBEDDED),
    run_of.TABLE: ("geoparquet", "data-card"),
    LABELS: ("class-shares", "finetune", "confusion", "probe-target"),
    SEGMENTER: ("confusion",),
    f"{run_of.TARGET}/target.parquet": ("probe",),
    f"{RESNET}/encoder.safetensors": ("finetune",),
    run_of.CODES: ("probe-code",),
}  # fmt: skip
EXCHANGED = [
    (run_of.RAW.format("train"), run_of.RAW.format("val")),
    (PART, f"{run_of.CATALOGUE}/{OTHER}.parquet"),
    (PART, run_of.MERGED),
    (run_of.MERGED, PART),
    (run_of.MERGED, f"{SIBLINGS}/fewer/catalogue.parquet"),
    (run_of.MERGED, f"{SIBLINGS}/seed7/catalogue.parquet"),
    (CUBES, f"{run_of.CUBES}/{OTHER}.zarr.zip"),
    (CUBES, LABELS),
    (run_of.STATISTICS, f"{SIBLINGS}/fewer/statistics.json"),
    (run_of.NEIGHBOURS, f"{SIBLINGS}/fewer/neighbours.parquet"),
    (run_of.ENCODER, f"results/models/{run_of.UNTRAINED}/encoder.safetensors"),
    (run_of.ENCODER, f"{SIBLINGS}/seed7/encoder.safetensors"),
    (run_of.ENCODER, f"{RESNET}/encoder.safetensors"),
    (EMBEDDINGS, f"{run_of.PARTS}/{OTHER}.parquet"),
    (EMBEDDINGS, f"{SIBLINGS}/untrained/part.parquet"),
    (run_of.TABLE, EMBEDDINGS),
    (LABELS, f"{run_of.LABELS}/{OTHER}.zarr.zip"),
    (SEGMENTER, f"{RESNET}/encoder.safetensors"),
    (SEGMENTER, f"{SIBLINGS}/of-another-run"),
    (SEGMENTER, f"{SIBLINGS}/of-another-model"),
    (f"{RESNET}/encoder.safetensors", run_of.ENCODER),
]
UNDISTURBED = {}
"""What commands write of whole products, for those that do not mind a damage."""
MEND = r"again|anew"


@pytest.fixture(scope="module")
def whole(finished_once, tmp_path_factory, worker_id):
    """The finished run of the tests that follow, made once for all workers."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent
    with FileLock(base / "whole.lock"):
        if not (base / "whole.done").exists():
            finished_run(finished_once.folder, base / "whole")
            (base / "whole.done").touch()
    return Run(base / "whole")


@pytest.fixture(scope="module")
def run(whole, tmp_path_factory):
    """A copy of it for one worker."""
    return linked(whole, tmp_path_factory.mktemp("damaged") / "run")


@pytest.fixture
def replaced(run):
    """Give a product another content, and its own back at the end."""
    kept = {}

    def replace(name, content):
        path = run.folder / name
        kept[path] = path.with_name(f"{path.name}.kept")
        path.replace(kept[path])
        path.write_bytes(content)

    yield replace
    for path, own in kept.items():
        own.replace(path)


def flipped(content):
    damaged = bytearray(content)
    damaged[len(damaged) // 2] ^= 16
    return bytes(damaged)


DAMAGES = {
    "truncated": lambda content: content[: len(content) // 2],
    "flipped": flipped,
    "emptied": lambda content: b"",
}


def undisturbed(run, whole, command):
    if command not in UNDISTURBED:
        UNDISTURBED[command] = whole.made(COMMANDS[command], run.folder.parent / f"of-{command}")
    return UNDISTURBED[command]


def check_refused_or_harmless(run, whole, command, name, tmp_path):
    """Whether a command has refused a product; else it must write what it would have written."""
    out = tmp_path / command
    status, told = run.give(COMMANDS[command], out)
    if status == 0:
        assert run.files(out) == undisturbed(run, whole, command), f"{command} minds nothing"
        return False
    assert status == 1, told
    check_sentence(told, name)
    assert run.files(out) == {}
    return True


def check_sentence(told, name):
    (sentence,) = [line for line in told.splitlines() if "error: " in line]
    assert Path(name).name in sentence, sentence
    assert re.search(MEND, sentence), sentence
    assert "Traceback" not in told


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", READ_BY)
def test_fault_a_damaged_product_is_named_or_changes_nothing(
    run, whole, replaced, tmp_path, name, damage
):
    replaced(name, DAMAGES[damage]((run.folder / name).read_bytes()))
    told = {
        command: check_refused_or_harmless(run, whole, command, name, tmp_path)
        for command in READ_BY[name]
    }
    assert all(told.values()) or damage == "flipped", told


@pytest.mark.parametrize(("name", "other"), EXCHANGED[1:])
def test_fault_another_product_in_its_place_is_named_or_changes_nothing(
    run, whole, replaced, tmp_path, name, other
):
    replaced(name, (run.folder / other).read_bytes())
    told = [
        check_refused_or_harmless(run, whole, command, name, tmp_path) for command in READ_BY[name]
    ]
    assert any(told)


def test_fault_another_raw_file_is_found_by_its_samples(run, replaced, tmp_path):
    """A raw file does not say which shard it is; the catalogue knows the samples."""
    name, other = EXCHANGED[0]
    replaced(name, (run.folder / other).read_bytes())
    status, told = run.give(COMMANDS["preprocess"], tmp_path)
    assert status == 1
    assert f"error: {TRAIN}: the catalogue is not of these raw data" in told
    assert "put the right raw file back" in told
    assert run.files(tmp_path) == {}
    replaced(PART, run.made(COMMANDS["ingest"], tmp_path)["part.parquet"])
    status, told = run.give(COMMANDS["catalogue"], tmp_path)
    assert status == 0
    assert f"32 of its samples are refused, because {TRAIN} holds their ids" in told


MADE = ("embeddings.*", "models/**/*.*", "cubes/**/*.zip", "statistics/*", "embeddings/**/*.*")
AGAIN = ("--forcerun", "embed")


def put(path, content):
    """Another content under the same time, so that Snakemake sees nothing of it."""
    stat = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def stopped(project, rule, name):
    """Run the workflow, which stops at a product and says so in the log of a rule."""
    done = project.snakemake(*AGAIN)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    logs = (project.folder / "results/logs" / rule).rglob("*.log")
    told = [text for file in logs if "error: " in (text := file.read_text())]
    assert told
    for text in told:
        check_sentence(text, name)


def test_fault_a_run_stops_at_each_bad_product_and_ends_as_if_undisturbed(
    finished, finished_once, whole
):
    encoder, cubes = finished.folder / run_of.ENCODER, finished.folder / CUBES
    other = whole.folder / f"results/models/{run_of.UNTRAINED}/encoder.safetensors"
    put(encoder, other.read_bytes())
    put(cubes, flipped(cubes.read_bytes()))
    assert not finished.planned()
    stopped(finished, "embed", run_of.ENCODER)
    encoder.unlink()
    stopped(finished, "pretrain", CUBES)
    cubes.unlink()
    finished.make(*AGAIN)
    assert digests(finished, *MADE) == digests(finished_once, *MADE)
