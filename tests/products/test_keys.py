from pathlib import Path

import pytest

from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey, parse_keys


def test_keys_survive_a_round_trip():
    keys = (ShardKey("demo", "train-000001"), ShardKey("opera", "T137"))
    assert parse_keys(f"{key}\n" for key in keys) == keys
    assert parse_keys(["", "  ", "a/b "]) == (ShardKey("a", "b"),)


def test_a_part_has_its_place():
    path = ShardKey("demo", "train-000001").part(Path("results/catalogue"), ".parquet")
    assert path == Path("results/catalogue/demo/train-000001.parquet")


@pytest.mark.parametrize("text", ["demo", "demo/", "/train", "a/b/c"])
def test_what_is_no_key_is_a_sentence(text):
    with pytest.raises(UserError, match="write it as corpus/shard"):
        parse_keys([text])
