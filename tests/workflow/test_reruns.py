"""Only what changed runs again (rule 3 of the house)."""

import pandas as pd
import yaml

TINY_KEYS = 2
AFTER_PRETRAIN = {"embed": TINY_KEYS, "export": 1}
AFTER_PREPROCESS = {"statistics": 1, "pretrain": 1, **AFTER_PRETRAIN}


def set_config(project, **changes):
    path = project.folder / "config" / "experiments" / "tiny.yaml"
    values = yaml.safe_load(path.read_text())
    for section, value in changes.items():
        values[section] = {**values.get(section, {}), **value}
    path.write_text(yaml.safe_dump(values, sort_keys=False))


def test_a_comment_a_docstring_or_a_reformat_reruns_nothing(finished):
    package = "workflow/speckle2vec"
    for file in finished.folder.joinpath(package).rglob("*.py"):
        file.write_text("# a comment\n" + file.read_text() + "\n\n\n# another\n")
    finished.edit(f"{package}/embed/extract.py", '"""', '"""Changed. ')
    assert not finished.planned()


def test_code_of_a_stage_reruns_it_and_what_follows(finished):
    (finished.folder / "workflow/speckle2vec/embed/extract.py").open("a").write("\nCHANGED = 1\n")
    assert finished.planned() == AFTER_PRETRAIN


def test_code_that_stages_share_reruns_those_that_reach_it(finished):
    (finished.folder / "workflow/speckle2vec/measures/health.py").open("a").write("\nCHANGED = 1\n")
    assert finished.planned() == {"pretrain": 1, **AFTER_PRETRAIN}


def test_settings_code_reruns_nothing(finished):
    (finished.folder / "workflow/speckle2vec/settings/root.py").open("a").write("\nCHANGED = 1\n")
    assert not finished.planned()


def test_a_setting_of_export_side_reruns_extraction_only(finished):
    set_config(finished, embed={"batch_size": 16})
    assert finished.planned() == AFTER_PRETRAIN


def test_a_setting_of_training_reruns_training_and_what_follows(finished):
    set_config(finished, pretrain={"learning_rate": 0.001})
    assert finished.planned() == {"pretrain": 1, **AFTER_PRETRAIN}


def test_how_often_a_checkpoint_is_written_reruns_nothing(finished):
    set_config(finished, pretrain={"checkpoint_minutes": 1})
    assert not finished.planned()


def test_a_setting_of_preprocessing_reruns_from_there(finished):
    set_config(finished, preprocess={"sar_temporal": {"sobel_source": "denoised"}})
    assert finished.planned() == {"preprocess": TINY_KEYS, **AFTER_PREPROCESS}


def test_other_splits_leave_parts_and_cubes_alone(finished):
    """Samples are put into splits by whoever asks for them."""
    results = finished.folder / "results"
    kept = [*results.glob("catalogue/tiny/*"), *results.glob("cubes/sar-temporal/tiny/*")]
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in kept}
    statistics, catalogue = results / "statistics/sar-temporal.json", results / "catalogue.parquet"
    splits, moments = pd.read_parquet(catalogue)["split"], statistics.read_bytes()
    set_config(finished, splits={"block_km": 12, "train": 0.4, "validation": 0.3, "test": 0.3})
    assert finished.planned() == {"catalogue": 1, **AFTER_PREPROCESS}
    finished.make("results/catalogue.parquet", "results/statistics/sar-temporal.json")
    assert len(kept) == 2 * TINY_KEYS
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in kept} == before
    assert not splits.equals(pd.read_parquet(catalogue)["split"])
    assert statistics.read_bytes() != moments
    assert finished.planned() == {"pretrain": 1, **AFTER_PRETRAIN}


def test_what_verdicts_depend_on_reruns_everything(finished):
    tiny = {"source": "simulated", "size": "tiny", "minimum_valid": 0.5}
    set_config(finished, corpora={"tiny": tiny})
    again = dict.fromkeys(("ingest", "preprocess"), TINY_KEYS)
    assert finished.planned() == {**again, "catalogue": 1, **AFTER_PREPROCESS}


def test_an_added_shard_outside_pretraining_reruns_its_parts_and_the_merges(finished):
    """The finished run's own raw data enter a second time, as a corpus read in place."""
    set_config(
        finished,
        pretrain={"shards": ["tiny/*"]},
        corpora={
            "added": {
                "source": "ssl4eo", "path": str(finished.folder / "results/corpora/tiny"),
                "folders": ["val"], "id_prefix": "added_",
            }
        },
    )  # fmt: skip
    planned = finished.planned()
    assert planned == {"ingest": 1, "catalogue": 1, "preprocess": 1, "embed": 1, "export": 1}
    finished.make()
    assert not finished.planned()


def test_a_part_made_again_with_equal_bytes_reruns_nothing_after_it(finished):
    name = "results/cubes/sar-temporal/tiny/train-000001.zarr.zip"
    part = finished.folder / name
    before = part.read_bytes()
    part.unlink()
    assert finished.planned(name) == {"preprocess": 1}
    finished.make(name)
    assert part.read_bytes() == before
    assert not finished.planned()
