import logging

import pytest

from speckle2vec.progress import duration, remaining, track


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.4, "59 s"), (61, "1 min 1 s"), (3600, "1 h 0 min"), (7510, "2 h 5 min")],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


def test_remaining_is_the_pace_so_far_carried_on():
    assert remaining(elapsed_s=30, done=10, total=40) == "1 min 30 s"
    assert remaining(elapsed_s=30, done=0, total=2) == "1 min 0 s"


def test_track_passes_everything_on_and_speaks(caplog):
    caplog.set_level(logging.INFO, "speckle2vec")
    assert list(track("abcd", 4, "Counting", every_s=0)) == list("abcd")
    assert [record.message.split(",")[0] for record in caplog.records] == [
        "Counting: 1 of 4",
        "Counting: 2 of 4",
        "Counting: 3 of 4",
    ]


def test_short_work_stays_silent(caplog):
    caplog.set_level(logging.INFO, "speckle2vec")
    list(track("abcd", 4, "Counting"))
    assert not caplog.records
