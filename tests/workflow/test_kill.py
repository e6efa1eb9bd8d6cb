"""SIGKILL at the worst moments, then the same command: the same bytes."""

import pytest
from tests.workflow.kills import digests, kill_when

PRODUCTS = ("embeddings.*", "models/**/*.*", "cubes/**/*.zip")


def in_the_middle_of_preprocessing(results):
    """A cube store is being written."""
    return lambda: any(results.glob("cubes/sar-temporal/tiny/.*.part"))


def in_the_middle_of_training(results):
    """A checkpoint was written, the encoder was not."""
    return lambda: any(results.glob("checkpoints/**/cnn-transformer.safetensors"))


@pytest.mark.parametrize("moment", [in_the_middle_of_preprocessing, in_the_middle_of_training])
def test_a_killed_run_ends_with_the_bytes_of_one_that_was_not(finished_once, fresh, moment):
    kill_when(fresh, moment(fresh.folder / "results"))
    assert not (fresh.folder / "results/embeddings.csv").exists()
    fresh.make("--unlock")
    text = fresh.make()
    if moment is in_the_middle_of_training:
        assert "going on" in text.lower()
    assert digests(fresh, *PRODUCTS) == digests(finished_once, *PRODUCTS)
