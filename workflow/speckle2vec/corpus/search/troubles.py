"""What went wrong with a STAC API, in a sentence without keys."""

from speckle2vec.corpus.unsigned import unsigned, without_queries
from speckle2vec.errors import UserError

_REFUSALS = {
    401: "asks who you are: put your name and key for its host into `~/.netrc`",
    403: "refuses the search: your key, if it needs one, is missing or has no right to it; put it "
    "into `~/.netrc`, or take another provider",
    404: "has nothing at this address; correct `provider.url`, which is the address of the API's "
    "landing page",
}
_LONGEST = 200


def search_error(url: str, error: Exception, attempts: int) -> UserError:
    """The sentence for a failed search; addresses in it have no query and no user.

    Args:
        url: Address of the API.
        error: What its client raised.
        attempts: Tries that were made where it fails for a while.
    """
    address, status = unsigned(url).partition("?")[0], getattr(error, "status_code", None)
    if status in _REFUSALS:
        return UserError(f"{address}: {_REFUSALS[status]} (status {status}).")
    told = " ".join(without_queries(str(error)).split())[:_LONGEST]
    if status is None and not isinstance(error, ValueError | KeyError | TypeError):
        return UserError(
            f"{address}: cannot be reached after {attempts} tries ({told}); check the address and "
            "the connection. The same command goes on where it was."
        )
    if status is None:
        return UserError(
            f"{address}: does not answer as a STAC API ({told}); correct `provider.url`."
        )
    if status == 429 or status >= 500:
        return UserError(
            f"{address}: still fails after {attempts} tries (status {status}: {told}); try later: "
            "the same command goes on where it was."
        )
    return UserError(f"{address}: refuses the search (status {status}: {told}).")
