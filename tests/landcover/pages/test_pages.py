import matplotlib.image
import numpy as np
import pytest
from sklearn.metrics import jaccard_score

from speckle2vec.errors import UserError
from speckle2vec.landcover.pages.corpus_page import caption, draw_corpus
from speckle2vec.landcover.pages.examples import candidates, places, views
from speckle2vec.landcover.pages.patches_page import draw_patches, score_line
from speckle2vec.products.keys import ShardKey
from speckle2vec.provenance import generator
from speckle2vec.settings.load import parse_settings

SIDE = (40, 60)


def settings(features="sar-temporal", **landcover):
    return parse_settings(
        {
            "corpora": {"corpus": {"source": "simulated", "size": "tiny"}},
            "model": {"features": features},
            "landcover": landcover,
        },
        "test",
    )


def pixels(path):
    return np.rint(matplotlib.image.imread(path)[..., :3] * 255).astype(int)


def count(image, colour):
    return int((image == list(bytes.fromhex(colour[1:]))).all(axis=-1).sum())


@pytest.fixture(params=["sar-temporal", "fusion"])
def features(request):
    return request.param


@pytest.fixture
def keys(corpus, make_grid, features):
    splits = {"a": "test", "b": "train", "c": "validation"}
    return [
        corpus.write(shard, [make_grid(shape=SIDE)] * 8, features, split)
        for shard, split in splits.items()
    ]


@pytest.fixture
def patches(corpus, segmenter, keys, features):
    def draw(name="patches.png", **landcover):
        path = corpus.folder / name
        draw_patches(
            settings(features, **landcover), keys, segmenter, corpus.cubes, corpus.labels,
            corpus.catalogue, path,
        )  # fmt: skip
        return path

    return draw


def test_a_page_of_patches_in_the_colours_of_their_classes(patches, segmenter):
    image = pixels(patches())
    for one in segmenter.classes:
        assert count(image, one.colour) > 1000
    right, wrong = count(image, "#d0d0d0"), count(image, "#c0143c")
    assert 0.1 < right / (right + wrong) < 0.3  # chance, of five classes
    assert set(segmenter.asked) <= {f"a-{row}" for row in range(8)}
    assert len(segmenter.asked) == 7


@pytest.mark.parametrize("features", ["sar-temporal"])
def test_other_scored_splits_are_drawn(patches, segmenter, features):
    patches(scored=["validation"])
    assert {name[0] for name in segmenter.asked} == {"c"}


@pytest.mark.parametrize("features", ["sar-temporal"])
def test_equal_pages_are_equal_bytes(patches, corpus, keys, features):
    first = patches()
    assert first.read_bytes() == patches("again.png").read_bytes()
    assert b"Software" not in first.read_bytes()


def test_a_page_of_the_corpus(corpus, keys, features, segmenter):
    path, again = corpus.folder / "corpus.png", corpus.folder / "again.png"
    for target, order in ((path, keys), (again, keys[::-1])):
        chosen = settings(features)
        draw_corpus(chosen, order, corpus.cubes, corpus.labels, corpus.catalogue, target)
    assert path.read_bytes() == again.read_bytes()
    image = pixels(path)
    for one in segmenter.classes:
        assert count(image, one.colour) > 1000
    wide = {"sar-temporal": 2, "fusion": 3}[features]
    assert image.shape[1] == int((2.1 * wide + 1.6) * 110)


def test_the_caption_of_a_sample(corpus, keys, features):
    _, found = candidates(keys, corpus.cubes, corpus.labels)
    ((view, _, _),) = views(found[:1], corpus.cubes, corpus.labels)
    told = caption(view, places(found[:1], corpus.catalogue)["a-0"]).splitlines()
    assert told[:2] == ["place of a-0", "48.75° N, 15.00° E"]
    satellites = ("S2", "S1") if features == "fusion" else ("S1", "S1")
    assert told[2:] == [f"{satellites[0]} 2020-06-28", f"{satellites[1]} 2020-06-30"]


def test_a_sample_without_position_has_no_coordinates(corpus, keys):
    _, found = candidates(keys, corpus.cubes, corpus.labels)
    ((view, _, _),) = views(found[:1], corpus.cubes, corpus.labels)
    told = caption(view, {"place": "somewhere", "latitude": None, "longitude": None})
    assert told.startswith("somewhere\nS")
    south_west = caption(view, {"place": "x", "latitude": -3.456, "longitude": -0.5})
    assert south_west.splitlines()[1] == "3.46° S, 0.50° W"


def test_scores_of_a_sample_are_those_of_scikit_learn():
    random = generator(1, "scores")
    truth = random.integers(0, 4, (30, 30)).astype(np.uint8)
    predicted = random.integers(1, 6, (30, 30)).astype(np.uint8)
    known = truth > 0
    iou = jaccard_score(truth[known], predicted[known], labels=[1, 2, 3], average="macro")
    share = (truth == predicted)[known].mean()
    assert score_line(truth, predicted, 5) == f"mean IoU {iou:.0%}, {share:.0%} right"


def test_other_classes_than_learned_are_refused(patches, segmenter):
    segmenter.classes = segmenter.classes[:4]
    with pytest.raises(UserError, match="other classes than those the segmenter learned"):
        patches()


def test_no_cube_to_draw_is_told(corpus, segmenter, make_grid, tmp_path):
    for shard, split in (("a", "train"), ("b", "test"), ("c", "validation")):
        names = [f"{shard}-{row}" for row in range(8)]
        corpus.write(shard, [make_grid()] * 8, split=split, left_out=names)
    keys = [ShardKey("corpus", shard) for shard in "abc"]
    told = corpus.cubes, corpus.labels, corpus.catalogue, tmp_path / "page.png"
    with pytest.raises(UserError, match="None of the scored samples has a label and a cube"):
        draw_patches(settings(), keys, segmenter, *told)
    with pytest.raises(UserError, match="No sample has a label and a cube"):
        draw_corpus(settings(), keys, *told)
