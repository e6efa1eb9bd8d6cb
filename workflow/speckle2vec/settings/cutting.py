"""Which settings of a corpus its patches depend on."""

from typing import Any

from speckle2vec.settings.corpora import StacCorpus

_READ = ("size", "minimum_valid", "optical_offset", "calibration")
_OF_SEARCH = {"samples", "optical"}
_OF_PROVIDER = {"name", "sentinel_1", "sentinel_2"}


def cut_settings(corpus: StacCorpus) -> dict[str, Any]:
    """What patches and shards are made by; how fast and how patiently is no part of it."""
    told: dict[str, Any] = corpus.model_dump(mode="json", include=set(_READ))
    told["search"] = corpus.search.model_dump(mode="json", include=_OF_SEARCH)
    told["provider"] = corpus.provider.model_dump(mode="json", include=_OF_PROVIDER)
    return told
