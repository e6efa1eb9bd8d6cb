import os
import subprocess
import sys

import pytest

from speckle2vec.cli import main
from speckle2vec.errors import UserError
from speckle2vec.runs import LOCKS, living, unlock


@pytest.fixture
def locked(tmp_path):
    """A folder in which a lock lies."""
    (tmp_path / LOCKS).mkdir(parents=True)
    (tmp_path / LOCKS / "0.input.lock").write_text("a\n")
    return tmp_path


@pytest.fixture
def start(tmp_path):
    """Start a process that does nothing under a name, in a folder."""
    started = []

    def process(name, folder):
        script = tmp_path / name
        script.write_text("import time; print('here', flush=True); time.sleep(60)")
        one = subprocess.Popen([sys.executable, script, "-n"], cwd=folder, stdout=subprocess.PIPE)
        started.append(one)
        one.stdout.readline()
        return one

    yield process
    for one in started:
        one.kill()
        one.wait()
        one.stdout.close()


def test_a_lock_that_nobody_holds_is_removed(locked):
    assert unlock(locked)
    assert not (locked / LOCKS).exists()
    assert not unlock(locked)


@pytest.mark.parametrize("name", ["snakemake", "speckle2vec"])
def test_the_lock_of_a_living_run_stays(locked, start, name):
    alive = start(name, locked)
    with pytest.raises(UserError, match=rf"a run works here \(process {alive.pid}, since 20"):
        unlock(locked)
    assert (locked / LOCKS / "0.input.lock").exists()
    alive.kill()
    alive.wait()
    assert unlock(locked)


def test_runs_elsewhere_and_other_programs_do_not_count(locked, start, tmp_path_factory):
    start("snakemake", tmp_path_factory.mktemp("elsewhere"))
    start("editor", locked)
    assert living(locked) == []
    assert unlock(locked)


def test_the_oldest_comes_first(locked, start):
    started = [start("snakemake", locked).pid for _ in range(2)]
    assert [one.pid for one in living(locked)] == started


def test_the_command_says_what_it_did(locked, start, caplog, monkeypatch):
    caplog.set_level("INFO")
    monkeypatch.chdir(locked)
    assert main(["unlock"]) == 0
    assert "a run was killed here; its lock is removed" in caplog.text
    caplog.clear()
    assert main(["unlock", "--folder", os.fspath(locked)]) == 0
    assert main(["unlock", "--folder", os.fspath(locked / "none")]) == 0
    assert not caplog.messages
    start("snakemake", locked)
    assert main(["unlock"]) == 1
    assert "wait until it has ended" in caplog.text
