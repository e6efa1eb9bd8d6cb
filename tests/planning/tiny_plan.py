"""The plan of the smallest run, with some settings changed."""

from speckle2vec.plan import Plan
from speckle2vec.settings.load import parse_settings

CONFIG = {"corpora": {"tiny": {"source": "simulated", "size": "tiny"}}}


def make_plan(**changes):
    return Plan(parse_settings({**CONFIG, **changes}, "config"))
