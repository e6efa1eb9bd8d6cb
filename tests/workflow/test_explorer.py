"""The files of the explorer by one target, and what makes them again."""

FOLDER = "results/explorer/sar-temporal/simclr/cnn-transformer"


def test_one_target_writes_what_the_explorer_shows(finished):
    assert finished.planned("explorer") == {"labels": 2, "explorer_files": 1, "explorer": 1}
    finished.make("explorer")
    folder = finished.folder / FOLDER
    assert len((folder / "metadata.tsv").read_text().splitlines()) == 1 + 64
    assert (folder / "tensors.bytes").stat().st_size == 64 * 49 * 4
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert finished.planned("explorer") == {}

    finished.edit(
        "workflow/speckle2vec/report/explorer/table.py", "if value is None", "if not value"
    )
    assert finished.planned("explorer") == {"explorer_files": 1, "explorer": 1}
    finished.make("explorer")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_nothing_to_explore_is_told(fresh):
    done = fresh.cli("explore", "--no-browser")
    assert done.returncode == 1
    assert "make it by `snakemake --cores all explorer`" in done.stderr
    assert "Traceback" not in done.stderr
