"""Two small shards with cubes, labels and catalogue."""

from tests.landcover.small_corpus import corpus, make_grid, segmenter

__all__ = ["corpus", "make_grid", "segmenter"]
