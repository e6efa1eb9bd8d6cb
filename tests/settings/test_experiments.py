"""Every experiment's file is valid and says what its first lines promise."""

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from speckle2vec.choices import ENCODERS, METHODS, seeded
from speckle2vec.errors import UserError
from speckle2vec.plan import Plan
from speckle2vec.settings.load import load_settings, parse_settings

EXPERIMENTS = Path(__file__).parents[2] / "config" / "experiments"
RELEASE = [f"train-{number:06d}" for number in range(1, 3813)]
TINY = {"corpora": {"tiny": {"source": "simulated", "size": "tiny"}}}


def settings_of(name):
    return load_settings(EXPERIMENTS / f"{name}.yaml")


@pytest.mark.parametrize("path", sorted(EXPERIMENTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_an_experiment_is_valid(path):
    assert load_settings(path).models


@pytest.mark.parametrize(("name", "files"), [("report", 398), ("deepsentinel", 1563)])
def test_files_of_the_release(name, files):
    (corpus,) = settings_of(name).corpora.values()
    chosen = [one for one in RELEASE if any(fnmatchcase(one, glob) for glob in corpus.shards)]
    assert chosen == RELEASE[:files]


def test_the_report_trains_on_a_hundred_files():
    settings = settings_of("report")
    seen = settings.pretrain.shards
    chosen = [one for one in RELEASE if any(fnmatchcase(f"ssl4eo/{one}", glob) for glob in seen)]
    assert chosen == RELEASE[:100]
    pretrain = settings.pretrain
    assert (pretrain.epochs, pretrain.batch_size, pretrain.learning_rate) == (10, 64, 1e-4)
    assert settings.model.path == "sar-temporal/simclr/cnn-transformer"


@pytest.mark.parametrize("name", ["deepsentinel", "deepsentinel-ci"])
def test_the_papers_grid_is_complete(name):
    models = settings_of(name).models
    encoders = ("resnet18", "resnet34", "resnet18-attention")
    cells = {f"fusion/{method}/{encoder}" for method in METHODS for encoder in encoders}
    assert cells <= set(models)
    assert len(models) == len(cells) + 3


def test_small_experiments_differ_from_the_large_in_size_only():
    large, small = settings_of("deepsentinel"), settings_of("deepsentinel-ci")
    assert small.grid == large.grid
    assert small.model == large.model
    assert settings_of("report-ci").model == settings_of("report").model


def test_names_of_a_grid_with_seeds():
    grid = {"methods": ["none", "vae"], "encoders": ["resnet18"], "baselines": ["pca"]}
    settings = parse_settings({**TINY, "grid": {**grid, "seeds": [42, 7]}}, "config")
    assert settings.models == (
        "sar-temporal/none/resnet18",
        "sar-temporal/none/resnet18@7",
        "sar-temporal/vae/resnet18",
        "sar-temporal/vae/resnet18@7",
        "sar-temporal/none/pca",
    )
    for model in settings.models:
        assert seeded(model.split("/")[2], 42)[0] in ENCODERS


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"grid": {"methods": ["none", "none"]}}, "methods names something twice"),
        ({"grid": {"seeds": [-1]}}, "whole numbers from 0"),
        ({"grid": {"methods": ["simcl"]}}, "`grid.methods.0` is wrong"),
        ({"probes": {"labels": ["mine"]}}, "labels holds 'mine', but there are land-cover"),
        ({"probes": {"tables": {"land-cover": {"path": "x"}}}}, "land-cover is taken"),
        ({"probes": {"tables": {"a/b": {"path": "x"}}}}, "letters, digits, - and _ only"),
        ({"probes": {"strengths": [0]}}, "strengths must be above 0"),
        ({"probes": {"scored": []}}, "`probes.scored` is wrong"),
    ],
)
def test_a_wrong_grid_or_probe_is_a_sentence(values, sentence):
    with pytest.raises(UserError) as caught:
        parse_settings({**TINY, **values}, "config")
    assert sentence in str(caught.value)


def test_what_follows_the_at_is_a_seed():
    assert seeded("resnet18", 3) == ("resnet18", 3)
    assert seeded("resnet18@11", 3) == ("resnet18", 11)
    with pytest.raises(UserError, match="after the @ stands its seed, a whole number"):
        seeded("resnet18@two", 3)


@pytest.fixture
def plan_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda **changes: Plan(parse_settings({**TINY, **changes}, "config"))


def test_a_seed_reaches_the_training_of_its_own_models_only(plan_of):
    plan = plan_of()
    assert plan.pretrain("vae", "resnet18@7")["seed"] == 7
    assert plan.pretrain("vae", "resnet18")["seed"] == 42
    own, other = plan.pretrain("vae", "resnet18@42"), plan.pretrain("vae", "resnet18")
    assert own == other
    assert plan.embed("resnet18@7") == plan.embed("resnet18")


@pytest.mark.parametrize(
    ("changes", "affected"),
    [
        ({"probes": {"draws": 100}}, {"probe_table"}),
        ({"probes": {"folds": 3}}, {"probe"}),
        ({"probes": {"tables": {"mine": {"path": "a"}}}}, {"probe_target"}),
        ({"grid": {"baselines": []}}, {"probe_table", "grid"}),
        ({"embed": {"threads": 2}}, set()),
        ({"seed": 1}, {"probe", "probe_table", "grid"}),
    ],
)
def test_a_setting_reaches_the_probes_that_read_it(plan_of, changes, affected):
    def rules(plan):
        return {
            "probe_target": plan.probe_target("mine"),
            "probe": plan.probe(),
            "probe_table": plan.probe_table(),
            "grid": plan.grid(),
        }

    before, after = rules(plan_of()), rules(plan_of(**changes))
    assert {rule for rule in before if before[rule] != after[rule]} == affected


def test_where_labels_are_read_from(plan_of):
    tables = {"mine": {"path": "mine.csv"}, "far": {"path": "s3://bucket/far.csv"}}
    plan = plan_of(probes={"tables": tables})
    assert plan.label_sources("land-cover") == [
        "results/labels/tiny/train-000001.zarr.zip", "results/labels/tiny/val-000001.zarr.zip"
    ]  # fmt: skip
    assert plan.label_sources("mine") == ["data/mine.csv"]
    assert plan.label_sources("far") == []
    with pytest.raises(
        UserError, match=r"no label `others`; there are land-cover, .*, season, mine, far"
    ):
        plan.label_sources("others")
