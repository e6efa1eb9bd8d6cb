"""Projects to run the workflow in: copies of this repository, so that tests may edit them."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

REPOSITORY = Path(__file__).parents[2]
TINY = "config/experiments/tiny.yaml"
CODE = ("Snakefile", "workflow", "config", "profiles", "envs")


@dataclass(frozen=True)
class Project:
    """A copy of the repository, with the products it has made so far."""

    folder: Path

    @property
    def environment(self):
        """The copy's own package comes before the installed one."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "PYTHONPATH": str(self.folder / "workflow")}

    def command(self, *arguments, config=TINY):
        chosen = ["--configfile", config] if config else []
        return ["snakemake", "--cores", "4", *arguments, *chosen]

    def snakemake(self, *arguments, config=TINY):
        """Run the workflow to its end; its output is one text."""
        return subprocess.run(
            self.command(*arguments, config=config), cwd=self.folder, env=self.environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip

    def make(self, *arguments, config=TINY):
        """Run the workflow, which must succeed."""
        done = self.snakemake(*arguments, config=config)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def planned(self, *arguments, config=TINY):
        """What a run would do: how often each rule runs."""
        text = self.make("--dry-run", *arguments, config=config)
        table = text.partition("Job stats:")[2].partition("total")[0]
        rows = re.findall(r"^(\w+) +(\d+)$", table, flags=re.MULTILINE)
        return {rule: int(count) for rule, count in rows if rule != "all"}

    def cli(self, *arguments):
        """Run one command of the package by hand."""
        return subprocess.run(
            ["speckle2vec", *map(str, arguments)], cwd=self.folder, env=self.environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def edit(self, file, old, new):
        """Change a file of the copy; the text must be there."""
        path = self.folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))


def new_project(folder):
    folder.mkdir(parents=True)
    for name in CODE:
        source = REPOSITORY / name
        if source.is_dir():
            ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(source, folder / name, ignore=ignore)
        else:
            shutil.copy2(source, folder / name)
    return Project(folder)


@pytest.fixture
def fresh(tmp_path):
    """A project that has made nothing yet."""
    return new_project(tmp_path / "project")


@pytest.fixture(scope="session")
def once(tmp_path_factory, worker_id):
    """Make a project once for all workers; it is not to be changed."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent

    def made(name, *targets, config=TINY):
        folder, done = base / name, base / f"{name}.done"
        with FileLock(base / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                new_project(folder).make(*targets, config=config)
                done.touch()
        return Project(folder)

    return made


@pytest.fixture(scope="session")
def finished_once(once):
    """The main job at tiny size, run to its end."""
    return once("tiny")


@pytest.fixture
def finished(finished_once, tmp_path):
    """A copy of the finished tiny project, to be changed at will."""
    folder = tmp_path / "project"
    shutil.copytree(finished_once.folder, folder, symlinks=True)
    return Project(folder)


@pytest.fixture
def shared(real):
    """The folder of real data, which CI has."""
    return real()
