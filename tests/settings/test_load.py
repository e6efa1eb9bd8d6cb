import json
from pathlib import Path

import pytest
import yaml

from speckle2vec.errors import UserError
from speckle2vec.settings.describe import describe
from speckle2vec.settings.load import load_settings, parse_settings
from speckle2vec.settings.root import Settings

DEMO = {"corpora": {"demo": {"source": "simulated"}}}
STACKS = {
    "source": "geotiff",
    "path": "stacks",
    "files": "*.tif",
    "pattern": "(?P<place>.*)",
    "units": "db",
    "calibration": "sigma0",
    "dates": 4,
}


def test_defaults_are_the_reports():
    settings = parse_settings(DEMO, "config")
    bilateral = settings.preprocess.sar_temporal.bilateral
    assert (bilateral.diameter, bilateral.sigma_color, bilateral.sigma_space) == (9, 75, 75)
    pretrain = settings.pretrain
    assert (pretrain.epochs, pretrain.batch_size, pretrain.learning_rate) == (10, 64, 1e-4)
    assert pretrain.simclr.temperature == 0.5
    assert pretrain.simclr.projection == 0


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({**DEMO, "sed": 1}, "There is no setting `sed`; did you mean `seed`?"),
        ({**DEMO, "pretrain": {"epoch": 1}}, "`pretrain.epoch`; did you mean `epochs`?"),
        ({**DEMO, "pretrain": {"epochs": 0}}, "`pretrain.epochs` is wrong"),
        ({**DEMO, "pretrain": {"epochs": "ten"}}, "it is 'ten'"),
        ({**DEMO, "splits": {"train": 0.9}}, "must sum to 1, not 1.2"),
        ({"corpora": {}}, "`corpora` is wrong"),
        ({}, "The setting `corpora` is missing"),
        ({"corpora": {"a": {"source": "zip"}}}, "'simulated', 'ssl4eo', 'geotiff'"),
        ({"corpora": {"a/b": {"source": "simulated"}}}, "letters, digits, - and _ only"),
        ({"corpora": {"a": {**STACKS, "bands": {"VV": "VV"}}}}, "must name VV and VH"),
        ({"corpora": {"a": {**STACKS, "units": "watts"}}}, "'db' or 'linear'"),
        ({"corpora": {"a": {**STACKS, "dates": 3}}}, "1, 2 or 4"),
    ],
)
def test_a_wrong_setting_is_a_sentence(values, sentence):
    with pytest.raises(UserError) as caught:
        parse_settings(values, "my.yaml")
    text = str(caught.value)
    assert sentence in text
    assert text.startswith("my.yaml: ")
    assert "\n" not in text


def test_a_file_is_read(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump({**DEMO, "seed": 7}))
    assert load_settings(path).seed == 7


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("seed: [", "is not valid YAML"),
        ("- 1", "should hold settings by name"),
        ("", "should hold settings by name"),
        ("x: !!python/object/apply:os.system ['true']", "is not valid YAML"),
    ],
)
def test_a_file_that_holds_no_settings(tmp_path, text, sentence):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=sentence):
        load_settings(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(UserError, match=r"nowhere.yaml: cannot be read \(No such file"):
        load_settings(tmp_path / "nowhere.yaml")


def test_settings_survive_a_round_trip():
    settings = parse_settings({"corpora": {"a": STACKS}, "pretrain": {"epochs": 3}}, "config")
    again = parse_settings(yaml.safe_load(yaml.safe_dump(settings.model_dump(mode="json"))), "x")
    assert again == settings


def test_describe_gives_every_setting_and_can_be_read_back():
    settings = parse_settings({"corpora": {"a": STACKS}}, "config")
    text = describe(settings)
    assert yaml.safe_load(text) == settings.model_dump(mode="json")
    assert "# Temperature of NT-Xent." in text


def test_every_setting_is_documented():
    schema = Settings.model_json_schema()
    groups = {"settings": schema, **schema["$defs"]}
    undocumented = [
        f"{group}.{name}"
        for group, part in groups.items()
        for name, field in part.get("properties", {}).items()
        if "description" not in field and name != "source"
    ]
    assert undocumented == []


def test_the_schema_is_json():
    settings = parse_settings(DEMO, "config")
    assert json.loads(describe(settings, as_schema=True))["properties"]["seed"]["default"] == 42


def test_the_page_of_settings_is_up_to_date():
    """`speckle2vec settings` makes its lines."""
    repository = Path(__file__).parents[2]
    settings = load_settings(repository / "config" / "config.yaml")
    assert describe(settings) in (repository / "docs" / "settings.md").read_text()
