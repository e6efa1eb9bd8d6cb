from types import SimpleNamespace

import pytest
import rasterio

from speckle2vec.cli import main


@pytest.fixture
def command(corpus, segmenter, make_grid, monkeypatch):
    """Run `map` on two samples by the segmenter of chance; status, and where the map is."""
    recipe = {"feature_set": "sar-temporal"}
    segmenter.file = SimpleNamespace(encoder=SimpleNamespace(recipe=recipe))
    monkeypatch.setattr(
        "speckle2vec.landcover.finetuning.segment.load_segmenter", lambda path: segmenter
    )
    corpus.write("a", [make_grid(), make_grid(east=500_600)])

    def run(*arguments):
        path = corpus.folder / "map.tif"
        places = ("--cubes", corpus.cubes, "--catalogue", corpus.catalogue, "--output", path)
        return main(list(map(str, ["map", "--segmenter", "any", *places, *arguments]))), path

    return run


@pytest.mark.parametrize(
    ("asked", "width"),
    [
        (["--sample", "a-0"], 60),
        (["--sample", "a-1", "--sample", "a-0"], 120),
        (["--shard", "corpus/a"], 120),
        (["--bounds", "-5", "40", "15.005", "50"], 60),
    ],
)
def test_what_is_asked_for_is_mapped(command, asked, width):
    status, path = command(*asked)
    assert status == 0
    with rasterio.open(path) as file:
        assert file.shape == (40, width)


@pytest.mark.parametrize("asked", [[], ["--sample", "a-0", "--shard", "corpus/a"]])
def test_one_way_to_ask_is_wanted(command, asked, caplog):
    status, path = command(*asked)
    assert (status, path.exists()) == (1, False)
    assert "by one of --sample (several times for neighbours), --shard and --bounds" in caplog.text


def test_two_files_need_two_names(command, caplog):
    _, path = command("--sample", "a-0")
    assert command("--sample", "a-0", "--probabilities", path)[0] == 1
    assert "is named for both files; name two" in caplog.text
