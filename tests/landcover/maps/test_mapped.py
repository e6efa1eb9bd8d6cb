import pytest

from speckle2vec.errors import UserError
from speckle2vec.ingest.merge import merge_catalogue
from speckle2vec.landcover.maps.mapped import find_samples
from speckle2vec.landcover.maps.wanted import Wanted
from speckle2vec.products.keys import ShardKey
from speckle2vec.settings.load import parse_settings


@pytest.fixture
def find(corpus):
    def find_(catalogue=None, **wanted):
        samples = find_samples(catalogue or corpus.catalogue, corpus.cubes, Wanted(**wanted))
        return [sample.sample_id for sample in samples]

    return find_


@pytest.fixture
def two(corpus, make_grid):
    """Samples at 15.0 and 15.1, and at 15.4 and 15.5 degrees east."""
    keys = []
    for shard, east in (("a", 500_000), ("b", 530_000)):
        keys.append(corpus.write(shard, [make_grid(east), make_grid(east + 7_000)]))
    return keys


def test_samples_come_in_the_order_asked_for(find, two):
    assert find(samples=("b-1", "a-0", "b-1")) == ["b-1", "a-0"]


def test_a_shard_and_its_accepted_samples(find, two):
    assert find(shard=ShardKey("corpus", "b")) == ["b-0", "b-1"]


def test_samples_whose_centres_lie_between_bounds(find, two):
    assert find(bounds=(15.05, 48, 15.45, 49)) == ["a-1", "b-0"]
    assert find(bounds=(15.45, 48, 15.05, 49)) == ["a-0", "b-1"]  # across the antimeridian
    with pytest.raises(UserError, match="No accepted sample of"):
        find(bounds=(15, 49, 16, 50))
    with pytest.raises(UserError, match="from 50 degrees in the south to 49 in the north"):
        find(bounds=(15, 50, 16, 49))


def test_the_merged_catalogue_serves_as_well(corpus, find, two):
    merged = corpus.folder / "catalogue.parquet"
    settings = parse_settings({"corpora": {"corpus": {"source": "simulated"}}}, "test")
    merge_catalogue(settings, two, corpus.catalogue, merged)
    assert find(merged, samples=("a-1",)) == ["a-1"]
    assert find(merged, shard=ShardKey("corpus", "b")) == ["b-0", "b-1"]


def test_unknown_samples_are_told_with_the_nearest_names(find, two):
    with pytest.raises(UserError, match=r"no sample `a-00` in .*; the nearest names are a-0"):
        find(samples=("a-00",))


def test_refused_samples_are_told_with_the_reason(find, two):
    with pytest.raises(UserError, match=r"`a-refused` was refused: 1.0% of VV is finite"):
        find(samples=("a-0", "a-refused"))


def test_samples_without_a_cube(corpus, find, make_grid, caplog):
    corpus.write("a", [make_grid(), make_grid()], left_out=("a-1",))
    with pytest.raises(UserError, match=r"`a-1` has no cube in .*: no Sentinel-2 image is near"):
        find(samples=("a-1",))
    assert find(shard=ShardKey("corpus", "a")) == ["a-0"]
    assert "1 samples have no cube" in caplog.text


def test_cubes_of_another_feature_set_are_told(corpus, two):
    wanted = Wanted(samples=("a-0",))
    assert find_samples(corpus.catalogue, corpus.cubes, wanted, "sar-temporal")
    with pytest.raises(UserError, match="of the feature set sar-temporal, and the segmenter takes"):
        find_samples(corpus.catalogue, corpus.cubes, wanted, "fusion")


def test_a_shard_that_is_not_there_is_told(find, two):
    with pytest.raises(UserError, match="There is no shard corpus/z in"):
        find(shard=ShardKey("corpus", "z"))


def test_missing_products_are_told(corpus, find, tmp_path):
    with pytest.raises(UserError, match="is missing or damaged"):
        find(tmp_path / "none.parquet", samples=("a",))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no part of a catalogue"):
        find(tmp_path / "empty", samples=("a",))
