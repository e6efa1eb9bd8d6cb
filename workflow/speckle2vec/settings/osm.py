"""Settings of OpenStreetMap: which extract, which features of it."""

from collections import Counter
from typing import Literal

from pydantic import Field, model_validator

from speckle2vec.settings.base import Section
from speckle2vec.settings.osm_classes import OsmClass
from speckle2vec.settings.osm_table import DEFAULT_CLASSES

MOST_IN_A_THEME = 200


class Osm(Section):
    """What OpenStreetMap knows around each sample (paper, section 2)."""

    path: str = ""
    """An extract, `.osm.pbf`, such as those of Geofabrik; relative to `data`. Empty: none."""
    outline: str = ""
    """File of polygons, in any format that pyogrio reads, that says where the extract has
    data; by default the bounding box that it tells itself. Relative to `data`."""
    themes: tuple[str, ...] = ()
    """Which themes are taken, in the order in which they cover each other in labels: the
    first is on top. Empty: all, in the order of the table."""
    classes: dict[str, OsmClass] = Field(default={})
    """Classes of your own by name. One that has the name of a default class stands in its
    place; others come before those of their theme, in the order of their codes, so that
    their tags are asked first."""
    default_classes: bool = True
    """Whether the default table counts; without it there are only those of `classes`."""
    around: float = Field(default=30.0, ge=0, le=5000)
    """Features so near to a sample are taken as well, metres: a road beside it may reach in."""
    index: Literal["memory", "file"] = "memory"
    """Where positions of nodes are kept while the extract is read: in memory, 16 bytes a
    node (Germany about 7 GB), or in a file beside the product, slower."""

    @property
    def table(self) -> dict[str, OsmClass]:
        """The classes that are taken, by name; what stands earlier wins."""
        known = self._known()
        chosen = self.themes or tuple(dict.fromkeys(one.theme for one in known.values()))
        return {name: one for theme in chosen for name, one in known.items() if one.theme == theme}

    def _known(self) -> dict[str, OsmClass]:
        default = DEFAULT_CLASSES if self.default_classes else {}
        added = [name for name in self.classes if name not in default]
        added.sort(key=lambda name: self.classes[name].code)  # a settings file keeps no order
        return {**{name: self.classes[name] for name in added}, **default, **self.classes}

    @model_validator(mode="after")
    def _themes_are_there(self) -> "Osm":
        there = tuple(dict.fromkeys(one.theme for one in self._known().values()))
        if unknown := [theme for theme in self.themes if theme not in there]:
            raise ValueError(
                f"there is no theme {', '.join(unknown)}; there are {', '.join(there) or 'none'}"
            )
        if len(set(self.themes)) < len(self.themes):
            raise ValueError("`themes` names a theme twice")
        if not there:
            raise ValueError("without the default classes, `classes` must name some")
        return self

    @model_validator(mode="after")
    def _classes_can_be_told_apart(self) -> "Osm":
        known = self._known()
        code, times = Counter(one.code for one in known.values()).most_common(1)[0]
        if times > 1:
            names = ", ".join(name for name, one in known.items() if one.code == code)
            raise ValueError(f"the code {code} stands for several classes: {names}")
        theme, times = Counter(one.theme for one in known.values()).most_common(1)[0]
        if times > MOST_IN_A_THEME:
            raise ValueError(f"the theme {theme} has {times} classes, {MOST_IN_A_THEME} at most")
        wide = {name: one.width for name, one in known.items() if one.width / 2 > self.around}
        if wide:
            raise ValueError(
                f"`around` must be at least half as wide as {', '.join(wide)}, "
                f"{max(wide.values()) / 2:g} m"
            )
        return self
