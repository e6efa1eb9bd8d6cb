"""Mistakes of people end in a sentence, before work is lost, and without a traceback."""

import yaml


def refused(project, *arguments, config="config/experiments/tiny.yaml"):
    done = project.snakemake(*arguments, config=config)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    return done.stdout


def test_a_mistyped_setting_stops_before_any_work(fresh):
    text = refused(fresh, "--config", "pretrain={epoch: 3}")
    assert "There is no setting `pretrain.epoch`; did you mean `epochs`?" in text
    assert not (fresh.folder / "results").exists()


def test_an_empty_folder_stops_before_any_work(fresh):
    (fresh.folder / "mine" / "train" / "S1GRD").mkdir(parents=True)
    config = {"corpora": {"mine": {"source": "ssl4eo", "path": "mine"}}, "data": "."}
    (fresh.folder / "mine.yaml").write_text(yaml.safe_dump(config))
    text = refused(fresh, config="mine.yaml")
    assert "mine" in text
    assert "Job stats" not in text


def test_a_truncated_shard_stops_with_its_name_and_loses_nothing(finished):
    raw = finished.folder / "results/corpora/tiny/train/S1GRD"
    shard = raw / "ssl4eos12_train_seasonal_data_000001.zarr.zip"
    copy = finished.folder / "mine/train/S1GRD"
    copy.mkdir(parents=True)
    (copy / "shard_000001.zarr.zip").write_bytes(shard.read_bytes()[:1_000_000])
    config = {
        "corpora": {"mine": {"source": "ssl4eo", "path": "mine", "folders": ["train"]}},
        "data": ".",
    }
    (finished.folder / "mine.yaml").write_text(yaml.safe_dump(config))
    text = refused(finished, config="mine.yaml")
    assert "shard_000001.zarr.zip" in text
    assert not (finished.folder / "results/catalogue/mine").exists()
    assert (finished.folder / "results/catalogue/tiny/train-000001.parquet").exists()


def test_an_unknown_command_line_value_is_a_sentence(fresh):
    done = fresh.cli("ingest", "--shard", "tiny", "--output", "x", "--config",
                     "config/experiments/tiny.yaml")  # fmt: skip
    assert done.returncode == 1
    assert "error: 'tiny' names no shard; write it as corpus/shard." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_read_only_output_is_a_sentence(fresh):
    done = fresh.cli("land-cover", "--corpus", "tiny", "--output", "/proc/no/landcover.gpkg",
                     "--config", "config/experiments/tiny.yaml")  # fmt: skip
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr
