"""What is measured on held-out samples, and when a training stops for it."""

import logging

import pytest
import small

from speckle2vec.errors import UserError
from speckle2vec.training.held_out import check_alive


def test_a_collapsed_encoder_stops_with_the_cause_and_what_to_change(tmp_path):
    method = small.Collapsing(small.method("simclr").encoder)
    settings = small.changed(learning_rate=1e-2, epochs=100)
    with pytest.raises(UserError, match=r"collapsed: after epoch \d+ .* all alike") as stopped:
        small.train_method(tmp_path / "checkpoint", method, settings)
    assert "Lower `pretrain.learning_rate`" in str(stopped.value)


def test_a_rate_far_too_high_collapses_simclr(tmp_path):
    method, settings = small.of_report(learning_rate=1.0, epochs=20)
    with pytest.raises(UserError, match="collapsed"):
        small.train_method(tmp_path / "checkpoint", method, settings)


def test_embeddings_alike_from_the_first_stop_too(tmp_path):
    with pytest.raises(UserError, match="collapsed"):
        small.train_method(
            tmp_path / "checkpoint", small.Collapsing(small.Constant(spread=0.0)), small.SETTINGS
        )


def test_an_encoder_that_is_only_untrained_is_not_taken_for_collapsed(tmp_path):
    settings = small.changed(learning_rate=1e-9, epochs=1)
    _, history = small.train_method(
        tmp_path / "checkpoint", small.Collapsing(small.Constant(0.01)), settings
    )
    assert history[-1]["std"] < settings.collapse_std


@pytest.mark.parametrize(
    ("before", "after", "told"), [(40, 1.4, True), (40, 2.5, False), (1.5, 1.4, False)]
)
def test_embeddings_on_one_line_are_told_though_their_spread_is_healthy(
    caplog, before, after, told
):
    figures = {"epoch": 3, "std": 0.6, "cosine": 0.3, "rank": after}
    with caplog.at_level(logging.WARNING, "speckle2vec"):
        check_alive(figures, {"std": 0.2, "rank": before}, small.SETTINGS)
    assert ("After epoch 3 the embeddings lie almost on one line" in caplog.text) == told
