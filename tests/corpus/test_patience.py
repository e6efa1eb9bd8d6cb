"""What is tried again, how often, and what ends it."""

import threading

import pytest
from planetary_computer import sas

from speckle2vec.corpus.patience import Patience
from speckle2vec.corpus.troubles import (
    ExhaustedError,
    ForbiddenError,
    TemporaryError,
    UnusableError,
)
from speckle2vec.settings.archive import Provider

THREE = Provider(attempts=3, pause_s=0)


class Work:
    """Raises some errors, one a try, then works; notes what each try was told."""

    def __init__(self, *errors):
        self.errors, self.told = list(errors), []

    def __call__(self, again):
        self.told.append(again)
        if self.errors:
            raise self.errors.pop(0)
        return "done"


class StoppedWhileWaiting(threading.Event):
    """An event that is set as soon as somebody waits for it."""

    def wait(self, timeout=None):
        self.set()
        return True


def test_what_fails_for_a_while_works_in_the_end():
    patience = Patience(THREE, threading.Event())
    work = Work(TemporaryError("a"), TemporaryError("b"))
    assert patience.ask(work) == "done"
    assert work.told == [False, True, True]
    assert patience.ask(Work(TemporaryError("c"))) == "done"
    assert patience.repeats == 3


def test_the_last_failure_is_told_after_as_many_tries_as_allowed():
    work = Work(*(TemporaryError(f"failure {number}") for number in (1, 2, 3, 4)))
    with pytest.raises(TemporaryError, match="failure 3"):
        Patience(THREE, threading.Event()).ask(work)
    assert len(work.told) == 3


@pytest.mark.parametrize(
    "error",
    [UnusableError("gone"), ExhaustedError("503"), ForbiddenError("403"), ValueError("a mistake"),
     KeyboardInterrupt()],
)  # fmt: skip
def test_what_no_other_try_mends_is_tried_once(error):
    work = Work(error)
    with pytest.raises(type(error)) as caught:
        Patience(THREE, threading.Event()).ask(work)
    assert caught.value is error
    assert work.told == [False]


def test_a_refusal_of_a_signed_address_renews_the_token_once(monkeypatch):
    monkeypatch.setattr(sas, "TOKEN_CACHE", {"account/container": "old"})
    patience = Patience(THREE, threading.Event(), signed=True)
    assert patience.ask(Work(ForbiddenError("revoked"))) == "done"
    assert sas.TOKEN_CACHE == {}
    again = Work(ForbiddenError("refused for good"))
    with pytest.raises(ForbiddenError, match="for good"):
        patience.ask(again)
    assert again.told == [False]


def test_a_stopped_run_tries_nothing():
    stopping = threading.Event()
    stopping.set()
    work = Work()
    with pytest.raises(ExhaustedError, match="the run was stopped"):
        Patience(THREE, stopping).ask(work)
    assert work.told == []


def test_a_run_that_is_stopped_during_a_try_tries_no_more():
    stopping, tries = threading.Event(), []

    def work(again):
        tries.append(again)
        stopping.set()
        raise TemporaryError("cut off")

    with pytest.raises(TemporaryError, match="cut off"):
        Patience(THREE, stopping).ask(work)
    assert tries == [False]


def test_a_run_that_is_stopped_while_it_waits_tries_and_counts_no_more():
    patience = Patience(Provider(attempts=3, pause_s=50), StoppedWhileWaiting())
    work = Work(TemporaryError("cut off"))
    with pytest.raises(TemporaryError):
        patience.ask(work)
    assert work.told == [False]
    assert patience.repeats == 0
