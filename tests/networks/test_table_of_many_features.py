"""The table of networks for cubes of more features than one of them has room for."""

from speckle2vec.choices import ENCODERS
from speckle2vec.networks.pixel_statistics import MOST_CHANNELS
from speckle2vec.networks.table import describe_networks
from speckle2vec.settings.training import Pretrain


def rows_of(channels):
    lines = describe_networks(channels, 32, Pretrain()).splitlines()
    return {line.split()[0]: line for line in lines}


def test_as_many_features_as_every_network_takes_are_all_told():
    rows = rows_of(MOST_CHANNELS)
    assert set(rows) == {"network", "decoder,", *ENCODERS}
    assert all(f"{MOST_CHANNELS} x 32 x 32" in rows[name] for name in ENCODERS)


def test_one_network_without_room_does_not_hide_the_others():
    rows = rows_of(MOST_CHANNELS + 1)
    others = set(ENCODERS) - {"pixel-statistics"}
    assert others < set(rows)
    assert all("34 x 32 x 32" in rows[name] for name in others)
