import pytest
from tests.planning.tiny_plan import make_plan as plan


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("changes", "run"),
    [
        ({}, "sar-temporal/simclr/cnn-transformer/whole-100"),
        (
            {"landcover": {"modes": ["frozen", "whole"], "shares": [5, 25]}},
            "sar-temporal/simclr/cnn-transformer/frozen-25",
        ),
        (
            {"landcover": {"splits": ["random"]}},
            "sar-temporal/simclr/cnn-transformer/whole-100-random",
        ),
        (
            {"landcover": {"splits": ["random", "blocks"]}},
            "sar-temporal/simclr/cnn-transformer/whole-100",
        ),
        (
            {"model": {"method": "none", "encoder": "random-convolutions"}},
            "sar-temporal/none/random-convolutions/frozen-100",
        ),
    ],
)
def test_the_default_models_first_run_is_drawn(changes, run):
    assert plan(**changes).settings.pictured == run
    segmenter = plan(**changes).pictured_segmenter()
    assert segmenter == f"results/landcover/{run}/segmenter.safetensors"


def test_the_default_models_cubes_are_drawn():
    assert plan(model={"features": "fusion"}).pictured_cubes() == [
        "results/cubes/fusion/tiny/train-000001.zarr.zip",
        "results/cubes/fusion/tiny/val-000001.zarr.zip",
    ]


def test_pages_depend_on_what_they_show_alone():
    first = plan()
    for changes in ({"pretrain": {"epochs": 7}}, {"landcover": {"draws": 500}}):
        assert plan(**changes).landcover_patches() == first.landcover_patches()
        assert plan(**changes).landcover_corpus() == first.landcover_corpus()
    scored = plan(landcover={"scored": ["validation"]})
    assert scored.landcover_patches() != first.landcover_patches()
    assert scored.landcover_corpus() == first.landcover_corpus()
    assert plan(seed=7).landcover_corpus() != first.landcover_corpus()
