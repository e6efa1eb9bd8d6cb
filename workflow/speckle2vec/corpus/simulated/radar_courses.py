"""What every surface sends back to the radar in the course of a year, and how it varies.

The courses over the year imitate published time series in shape and range; they are not
digitised from them, and levels were then moved by up to 3 dB until the classes overlapped
as `tests/benchmarks/overlap.py` asks. The models: winter cereals, rapeseed and maize from
Veloso et al. (2017, Remote Sensing of Environment 199), sugar beet from Khabbazan et al.
(2019, Remote Sensing 11(16)), deciduous and
coniferous forest from Dostalova et al. (2018, International Journal of Remote Sensing
39(23)), built-up land from Koppel et al. (2017, same journal 38(22)), the double bounce
of flooded reed from Tsyganskaya et al. (2018, same journal 39(8)). The rest are usual C-band
values (Ulaby and Dobson 1989, Handbook of Radar Scattering Statistics for Terrain).
"""

from dataclasses import dataclass

from speckle2vec.corpus.simulated.surfaces import Surface

_S = Surface
COURSES: dict[Surface, tuple[tuple[float, ...], tuple[float, ...]]] = {
    _S.CEREAL: (
        (-11.5, -11.5, -12.5, -15.0, -17.0, -15.5, -12.5, -11.5, -11.0, -11.0, -11.0, -11.5),
        (-18.5, -18.5, -19.5, -21.0, -22.0, -20.0, -18.0, -19.0, -19.0, -19.0, -18.5, -18.5),
    ),
    _S.RAPESEED: (
        (-11.0, -11.0, -11.5, -12.5, -11.5, -10.0, -10.5, -12.0, -11.0, -11.0, -10.5, -11.0),
        (-17.0, -17.0, -17.0, -16.5, -14.5, -13.5, -15.5, -19.0, -18.5, -17.5, -17.0, -17.0),
    ),
    _S.MAIZE: (
        (-11.0, -11.0, -11.0, -11.0, -10.5, -10.0, -9.0, -9.5, -10.0, -10.5, -11.0, -11.0),
        (-19.5, -19.5, -19.5, -20.0, -19.5, -17.0, -15.0, -15.0, -15.5, -17.5, -19.0, -19.5),
    ),
    _S.ROOT_CROP: (
        (-11.5, -11.5, -11.5, -11.0, -10.5, -9.5, -9.0, -9.0, -9.0, -9.5, -11.0, -11.5),
        (-19.5, -19.5, -19.5, -19.5, -19.0, -16.5, -14.0, -14.0, -14.0, -15.0, -18.0, -19.5),
    ),
    _S.GRASS: (
        (-12.0, -12.0, -12.5, -12.5, -13.0, -13.5, -13.5, -13.5, -13.0, -12.5, -12.0, -12.0),
        (-19.5, -19.5, -20.0, -20.0, -20.0, -20.5, -20.5, -20.5, -20.0, -20.0, -19.5, -19.5),
    ),
    _S.VINEYARD: (
        (-11.0, -11.0, -11.0, -11.0, -10.5, -10.5, -10.5, -10.5, -10.5, -10.5, -11.0, -11.0),
        (-18.0, -18.0, -18.0, -18.0, -17.0, -16.5, -16.0, -16.0, -16.5, -17.0, -17.5, -18.0),
    ),
    _S.BROADLEAF: (
        (-8.5, -8.5, -8.5, -8.5, -9.0, -9.0, -9.0, -9.0, -9.0, -8.5, -8.5, -8.5),
        (-13.5, -13.5, -13.5, -13.5, -14.0, -14.5, -14.5, -14.5, -14.0, -13.5, -13.5, -13.5),
    ),
    _S.CONIFER: (
        (-9.5, -9.0, -9.0, -8.5, -8.5, -8.5, -8.5, -8.5, -8.5, -9.0, -9.0, -9.0),
        (-15.0, -15.0, -14.5, -14.0, -14.0, -14.0, -14.0, -14.0, -14.0, -14.5, -14.5, -15.0),
    ),
    _S.SHRUB: (
        (-11.0, -11.0, -11.0, -11.0, -11.0, -11.0, -11.0, -11.0, -11.0, -11.0, -11.0, -11.0),
        (-17.5, -17.5, -17.5, -17.0, -17.0, -16.5, -16.5, -16.5, -17.0, -17.0, -17.5, -17.5),
    ),
    _S.BARE: ((-12.0,) * 12, (-20.5,) * 12),
    _S.ROOF: ((-4.5,) * 12, (-11.5,) * 12),
    _S.PAVED: ((-14.0,) * 12, (-21.0,) * 12),
    _S.GARDEN: ((-9.0,) * 12, (-15.5,) * 12),
    _S.REED: (
        (-7.5, -7.5, -7.5, -7.5, -8.0, -8.5, -9.0, -9.0, -9.0, -8.5, -8.0, -7.5),
        (-17.5, -17.5, -17.5, -17.5, -17.0, -16.5, -16.5, -16.5, -17.0, -17.5, -17.5, -17.5),
    ),
    _S.BOG: (
        (-13.0, -13.0, -13.0, -13.0, -13.5, -14.0, -14.5, -14.5, -14.0, -13.5, -13.0, -13.0),
        (-21.5, -21.5, -21.5, -21.5, -21.0, -20.5, -20.5, -20.5, -20.5, -21.0, -21.5, -21.5),
    ),
}
"""Mean sigma0 at 38 degrees in dB from January to December, VV and VH. No water here."""


@dataclass(frozen=True)
class Trait:
    """How a surface departs from its mean."""

    moisture: float
    """Share of the effect of soil moisture that shows."""
    vigour_db: float
    """Spread from field to field, dB."""
    coarse_db: float
    """Spread of soils or stands inside, dB."""
    order: float
    """Order of the gamma texture; small is rough (K distribution, Oliver and Quegan 2004)."""
    regional_db: float
    """Spread of its level from place to place, dB."""


_CROP = Trait(0.6, 1.2, 0.4, 25.0, 0.5)
TRAITS: dict[Surface, Trait] = {
    _S.WATER: Trait(0.0, 0.0, 0.5, 60.0, 0.0),
    _S.CEREAL: _CROP,
    _S.RAPESEED: _CROP,
    _S.MAIZE: _CROP,
    _S.ROOT_CROP: _CROP,
    _S.GRASS: Trait(0.6, 0.9, 0.5, 20.0, 0.7),
    _S.VINEYARD: Trait(0.6, 1.0, 0.5, 10.0, 0.8),
    _S.BROADLEAF: Trait(0.1, 0.3, 0.6, 9.0, 0.5),
    _S.CONIFER: Trait(0.1, 0.3, 0.6, 8.0, 0.5),
    _S.SHRUB: Trait(0.4, 0.3, 1.1, 7.0, 1.2),
    _S.BARE: Trait(1.0, 0.3, 1.4, 7.0, 1.5),
    _S.ROOF: Trait(0.0, 1.0, 0.8, 2.2, 1.0),
    _S.PAVED: Trait(0.0, 0.3, 0.5, 5.0, 1.0),
    _S.GARDEN: Trait(0.3, 1.0, 0.5, 5.0, 0.8),
    _S.REED: Trait(0.6, 0.3, 1.2, 10.0, 1.2),
    _S.BOG: Trait(0.6, 0.3, 1.2, 12.0, 1.0),
}
