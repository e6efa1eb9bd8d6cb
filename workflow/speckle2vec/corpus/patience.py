"""Trying again what fails for a while, longer and longer after each try."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_when_event_set
from tenacity.nap import sleep_using_event
from tenacity.wait import wait_random_exponential

from speckle2vec.corpus.cutting.signing import forget_tokens
from speckle2vec.corpus.troubles import ExhaustedError, ForbiddenError, TemporaryError
from speckle2vec.settings.archive import Provider

T = TypeVar("T")
_LONGEST_WAIT_S = 60.0


@dataclass
class Patience:
    """Tries something until it works, fails for good, or has been tried often enough.

    What answered 429 or 5xx to the end was tried again request by request, below this.
    """

    provider: Provider
    """How often, and after which pause."""
    stopping: threading.Event
    """Ends the waiting and the trying."""
    signed: bool = False
    """Whether a refusal may come of a token that was revoked: it is renewed once."""
    repeats: int = 0
    """Tries beyond the first of each thing."""

    def ask(self, work: Callable[[bool], T]) -> T:
        """Call `work` with whether it was tried before, until it works.

        Raises:
            UnusableError: It failed for good.
            TemporaryError: It failed as often as allowed, or the run was stopped.
        """
        for attempt in self._attempts():
            with attempt:
                again = attempt.retry_state.attempt_number > 1
                if self.stopping.is_set():
                    raise ExhaustedError("the run was stopped")
                self.repeats += again
                return work(again)
        raise AssertionError("the last try raises")

    def _attempts(self) -> Retrying:
        return Retrying(
            stop=stop_after_attempt(self.provider.attempts) | stop_when_event_set(self.stopping),
            wait=wait_random_exponential(multiplier=self.provider.pause_s, max=_LONGEST_WAIT_S),
            sleep=sleep_using_event(self.stopping),
            retry=retry_if_exception(self._worth_another),
            reraise=True,
        )

    def _worth_another(self, error: BaseException) -> bool:
        if isinstance(error, ForbiddenError) and self.signed:
            self.signed = False
            forget_tokens()
            return True
        return isinstance(error, TemporaryError) and not isinstance(error, ExhaustedError)
