"""A connection to a STAC API that tries again what fails for a while, and says so."""

from types import TracebackType
from typing import Any, Self

from pystac_client.stac_api_io import StacApiIO
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from speckle2vec.progress import LOGGER
from speckle2vec.settings.archive import Provider

FOR_A_WHILE = (408, 429, 500, 502, 503, 504)


def patient_connection(provider: Provider) -> StacApiIO:
    """A connection with retries; the client's own gives up at once.

    Args:
        provider: How often to try, after which pause, and how much at once.
    """
    retries = _Told(
        total=provider.attempts - 1,
        backoff_factor=provider.pause_s,
        backoff_jitter=provider.pause_s / 2,
        status_forcelist=FOR_A_WHILE,
        allowed_methods=None,
        raise_on_status=False,
        retry_after_max=120,
    )
    io = StacApiIO(max_retries=None)
    many = HTTPAdapter(max_retries=retries, pool_maxsize=provider.connections)
    io.session.mount("http://", many)
    io.session.mount("https://", many)
    return io


class _Told(Retry):
    """Retries that are told of, by host alone: addresses hold keys."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: Any = None,  # noqa: ANN401
        error: Exception | None = None,
        _pool: Any = None,  # noqa: ANN401
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """What urllib3 does after a failure."""
        left = self.total if isinstance(self.total, int) else 0
        if left > 0:
            cause = f"status {response.status}" if response is not None else type(error).__name__
            host = getattr(_pool, "host", "the archive")
            LOGGER.warning("%s: no answer (%s); trying again, tries left: %d", host, cause, left)
        return super().increment(method, url, response, error, _pool, _stacktrace)
