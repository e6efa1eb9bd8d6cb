"""What really covers the ground: a CORINE polygon is generalised, a pixel is not.

A polygon of at least 25 ha holds fields of several crops, copses, farmsteads, streets
and gardens. The shares below follow the definitions of the classes in the CORINE
nomenclature (Kosztra et al. 2019, Updated CLC illustrated nomenclature guidelines).
"""

from enum import IntEnum
from typing import Literal, NamedTuple

Kind = Literal["parcel", "patch", "lot"]


class Surface(IntEnum):
    """Kinds of ground, each with one course of backscatter and reflectance a year."""

    WATER = 0
    CEREAL = 1
    RAPESEED = 2
    MAIZE = 3
    ROOT_CROP = 4
    GRASS = 5
    VINEYARD = 6
    BROADLEAF = 7
    CONIFER = 8
    SHRUB = 9
    BARE = 10
    ROOF = 11
    PAVED = 12
    GARDEN = 13
    REED = 14
    BOG = 15


class Mixture(NamedTuple):
    """What a class is made of, and what its pieces are: fields, blobs or building lots."""

    kind: Kind
    shares: tuple[tuple[Surface, float], ...]


_S = Surface
ARABLE = (
    (_S.CEREAL, 0.42),
    (_S.RAPESEED, 0.13),
    (_S.MAIZE, 0.19),
    (_S.ROOT_CROP, 0.10),
    (_S.GRASS, 0.16),
)

MIXTURES: dict[int, Mixture] = {
    111: Mixture("lot", ((_S.ROOF, 0.62), (_S.PAVED, 0.22), (_S.GARDEN, 0.16))),
    112: Mixture("lot", ((_S.ROOF, 0.50), (_S.GARDEN, 0.34), (_S.GRASS, 0.08), (_S.PAVED, 0.08))),
    121: Mixture(
        "lot", ((_S.ROOF, 0.48), (_S.PAVED, 0.28), (_S.BARE, 0.10), (_S.GRASS, 0.14))
    ),
    131: Mixture(
        "patch", ((_S.BARE, 0.64), (_S.SHRUB, 0.18), (_S.WATER, 0.08), (_S.GRASS, 0.10))
    ),
    141: Mixture(
        "patch", ((_S.GRASS, 0.35), (_S.GARDEN, 0.35), (_S.BROADLEAF, 0.25), (_S.PAVED, 0.05))
    ),
    211: Mixture("parcel", ARABLE),
    221: Mixture("parcel", ((_S.VINEYARD, 0.80), (_S.CEREAL, 0.08), (_S.GRASS, 0.12))),
    231: Mixture(
        "parcel", ((_S.GRASS, 0.84), (_S.MAIZE, 0.06), (_S.CEREAL, 0.05), (_S.SHRUB, 0.05))
    ),
    242: Mixture(
        "parcel",
        (
            (_S.CEREAL, 0.24), (_S.MAIZE, 0.14), (_S.ROOT_CROP, 0.10), (_S.GRASS, 0.26),
            (_S.VINEYARD, 0.12), (_S.GARDEN, 0.14),
        ),
    ),
    243: Mixture(
        "parcel",
        (
            (_S.CEREAL, 0.20), (_S.MAIZE, 0.10), (_S.GRASS, 0.36), (_S.SHRUB, 0.12),
            (_S.BROADLEAF, 0.22),
        ),
    ),
    311: Mixture(
        "patch", ((_S.BROADLEAF, 0.86), (_S.CONIFER, 0.08), (_S.SHRUB, 0.03), (_S.GRASS, 0.03))
    ),
    312: Mixture(
        "patch", ((_S.CONIFER, 0.86), (_S.BROADLEAF, 0.06), (_S.SHRUB, 0.05), (_S.GRASS, 0.03))
    ),
    313: Mixture(
        "patch", ((_S.BROADLEAF, 0.48), (_S.CONIFER, 0.46), (_S.SHRUB, 0.03), (_S.GRASS, 0.03))
    ),
    321: Mixture("patch", ((_S.GRASS, 0.76), (_S.SHRUB, 0.18), (_S.BARE, 0.06))),
    322: Mixture("patch", ((_S.SHRUB, 0.76), (_S.GRASS, 0.18), (_S.BARE, 0.06))),
    324: Mixture(
        "patch", ((_S.SHRUB, 0.42), (_S.BROADLEAF, 0.28), (_S.CONIFER, 0.12), (_S.GRASS, 0.18))
    ),
    332: Mixture("patch", ((_S.BARE, 0.66), (_S.GRASS, 0.20), (_S.SHRUB, 0.14))),
    411: Mixture(
        "patch", ((_S.REED, 0.72), (_S.WATER, 0.12), (_S.GRASS, 0.10), (_S.SHRUB, 0.06))
    ),
    412: Mixture("patch", ((_S.BOG, 0.78), (_S.WATER, 0.05), (_S.SHRUB, 0.11), (_S.CONIFER, 0.06))),
    421: Mixture("patch", ((_S.REED, 0.50), (_S.GRASS, 0.26), (_S.WATER, 0.18), (_S.BARE, 0.06))),
    511: Mixture("patch", ((_S.WATER, 0.97), (_S.BARE, 0.03))),
    512: Mixture("patch", ((_S.WATER, 1.0),)),
    523: Mixture("patch", ((_S.WATER, 1.0),)),
}  # fmt: skip
"""The classes of the simulated land cover, by CORINE level-3 code."""
