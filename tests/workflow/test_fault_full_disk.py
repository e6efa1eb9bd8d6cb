"""A disk that is full, in every stage: one sentence, and nothing half-made is left."""

import subprocess
import sys

import pytest
from tests.workflow.commands_of import commands_of, with_outputs_in

STAGES = ("land-cover", "simulate", "ingest", "catalogue", "preprocess", "statistics", "pretrain",
          "embed", "export")  # fmt: skip


@pytest.fixture
def full_disk(tmp_path):
    """A disk on which nothing more goes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", disk],
                             capture_output=True, check=False)  # fmt: skip
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs root")
    (disk / "ballast").write_bytes(bytes(4096))
    yield disk
    subprocess.run(["umount", disk], check=True)


def by_hand(project, words):
    """Run a command without its log, which belongs to the finished run."""
    quiet = words[: words.index("--log")]
    return subprocess.run(
        [sys.executable, "-m", "speckle2vec", *quiet], cwd=project.folder, text=True,
        env=project.environment, capture_output=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("stage", STAGES)
def test_fault_a_full_disk_is_told_and_leaves_nothing_half_made(finished_once, full_disk, stage):
    words = commands_of(finished_once)[stage]
    done = by_hand(finished_once, with_outputs_in(words, full_disk))
    assert done.returncode == 1, done.stderr
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    left = [path.name for path in full_disk.rglob("*") if path.is_file()]
    assert [name for name in left if not name.startswith("events.out")] == ["ballast"]
