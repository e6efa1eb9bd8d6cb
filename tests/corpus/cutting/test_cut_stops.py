"""A run of its own process, stopped at any moment: no finished patch is lost."""

import resource
import signal
import subprocess
import sys
import time

import pytest
import yaml
from tests.corpus.archives import KEY, POSITIONS, Archive, settings_of
from tests.corpus.scenes import passes, write_scenes

PLACES = [(longitude, latitude + 0.001 * n) for n in range(2) for longitude, latitude in POSITIONS]
SLOW_S = 0.03


@pytest.fixture(scope="module")
def items(server):
    return write_scenes(server.folder, server.url, passes(1), (32632,))


class Run(Archive):
    """Cutting by the command line."""

    def command(self):
        config = self.folder / "config.yaml"
        config.write_text(yaml.safe_dump(self.settings.model_dump(mode="json")))
        options = {
            "config": config, "shard": KEY, "places-file": self.folder / "places.parquet",
            "candidates": self.folder / "candidates.parquet", "work": self.work,
            "failed": self.failed, "radar": self.radar, "optical": self.optical,
            "ledger": self.ledger,
        }  # fmt: skip
        flat = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        return [sys.executable, "-m", "speckle2vec", "cut", *flat]

    def start(self, **options):
        return subprocess.Popen(self.command(), stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, **options)  # fmt: skip

    def to_the_end(self):
        running = self.start()
        text = running.communicate()[0]
        assert running.returncode == 0, text
        return text

    def products(self):
        return [path.read_bytes() for path in (self.radar, self.optical, self.ledger)]


def new_run(folder, items):
    return Run(folder, settings_of(1, provider={"connections": 2}), items, PLACES)


@pytest.fixture(scope="module")
def untroubled(items, tmp_path_factory):
    run = new_run(tmp_path_factory.mktemp("untroubled"), items)
    run.to_the_end()
    return run


def wait_for(run, running, count, limit_s=60):
    end = time.monotonic() + limit_s
    while len(run.kept) < count and running.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    assert running.poll() is None, running.communicate()[0]


@pytest.mark.parametrize("moment", [1, 6])
def test_a_killed_run_goes_on_to_the_same_bytes(untroubled, items, server, tmp_path, moment):
    server.delay_s = SLOW_S
    run = new_run(tmp_path, items)
    running = run.start()
    wait_for(run, running, moment)
    running.kill()
    running.communicate()
    assert not run.radar.exists()
    server.delay_s = 0
    assert "going on" in run.to_the_end()
    assert run.products() == untroubled.products()
    assert not run.work.exists()


def test_ctrl_c_keeps_what_is_finished_and_ends_soon(untroubled, items, server, tmp_path):
    server.delay_s = SLOW_S
    run = new_run(tmp_path, items)
    running = run.start()
    wait_for(run, running, 3)
    running.send_signal(signal.SIGINT)
    text = running.communicate(timeout=30)[0]
    assert running.returncode == 130, text
    assert "stopped by hand; the same command goes on" in text
    assert "Traceback" not in text
    assert 3 <= len(run.kept) < len(PLACES)
    server.delay_s = 0
    run.to_the_end()
    assert run.products() == untroubled.products()


def test_a_full_disk_is_told_and_loses_no_finished_patch(untroubled, items, tmp_path):
    """No file may grow to the size of a shard, as on a disk that is full by then."""
    run = new_run(tmp_path, items)
    largest = 300_000
    assert untroubled.optical.stat().st_size > largest

    def small_disk():
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    running = run.start(preexec_fn=small_disk)
    text = running.communicate()[0]
    assert running.returncode == 1, text
    assert "File too large" in text
    assert "run the same command again" in text
    assert "Traceback" not in text
    assert len(run.kept) == len(PLACES)
    assert not run.optical.exists()
    run.to_the_end()
    assert run.products() == untroubled.products()


def test_a_disk_that_is_full_while_patches_are_kept(items, tmp_path):
    run = new_run(tmp_path, items)
    running = run.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000)))
    text = running.communicate()[0]
    assert running.returncode == 1, text
    assert "File too large" in text
    assert "Traceback" not in text
    assert not run.kept
