"""Times and names of the simulated acquisitions, in the form of the real ones."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speckle2vec.corpus.simulated.fields import World
from speckle2vec.corpus.simulated.places import DATES, Place

_RADAR_S = {True: 17 * 3600, False: 5 * 3600 + 1800}
_OPTICAL_S = 10 * 3600 + 900
_OPTICAL_LAG_DAYS = (-2, 3)


@dataclass(frozen=True)
class Acquisitions:
    """When a sensor passed a place, and how the products are called."""

    days: tuple[np.datetime64, ...]
    times: npt.NDArray[np.datetime64]
    """Start of each acquisition, (date), nanoseconds."""
    file_ids: tuple[str, ...]


def radar(world: World, place: Place) -> Acquisitions:
    """Sentinel-1 acquisitions: ascending passes in the evening, descending in the morning."""
    random = world.generator("radar", place.shard, place.row)
    starts = [_RADAR_S[way] + int(random.integers(0, 2400)) for way in place.ascending]
    times = _times(place.days, starts)
    names = [_radar_name(random, time) for time in times]
    return Acquisitions(place.days, times, tuple(names))


def optical(world: World, place: Place) -> Acquisitions:
    """Sentinel-2 acquisitions, within two days of the radar."""
    random = world.generator("optical", place.shard, place.row)
    lags = random.integers(*_OPTICAL_LAG_DAYS, DATES)
    days = tuple(day + int(lag) for day, lag in zip(place.days, lags, strict=True))
    starts = [_OPTICAL_S + int(random.integers(0, 1800)) for _ in days]
    times = _times(days, starts)
    zone = place.epsg % 100
    names = [f"{_text(time)}_{_text(time + np.timedelta64(9, 's'))}_T{zone}UQR" for time in times]
    return Acquisitions(days, times, tuple(names))


def _times(days: tuple[np.datetime64, ...], seconds: list[int]) -> npt.NDArray[np.datetime64]:
    whole = np.array(days, "datetime64[s]") + np.array(seconds, "timedelta64[s]")
    return np.asarray(whole, "datetime64[ns]")


def _radar_name(random: np.random.Generator, time: np.datetime64) -> str:
    orbit, take, digest = random.integers(0, [60_000, 0x80000, 0x10000])
    stop = _text(time + np.timedelta64(25, "s"))
    unit = "AB"[int(random.integers(0, 2))]
    return f"S1{unit}_IW_GRDH_1SDV_{_text(time)}_{stop}_{orbit:06d}_{take:06X}_{digest:04X}"


def _text(time: np.datetime64) -> str:
    return str(time.astype("datetime64[s]")).replace("-", "").replace(":", "")
