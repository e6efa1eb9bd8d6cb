"""What every source of labels offers."""

from typing import Any, Protocol

from odc.geo.geobox import GeoBox

from speckle2vec.products.labels import ClassArray


class Source(Protocol):
    """Polygons or rasters that say what lies where."""

    def read(self, place: str, grid: GeoBox) -> ClassArray:
        """Class indices on a sample's grid, (y, x).

        `NODATA` where the source says that there is no class, `classes.OUTSIDE` where it
        says nothing.

        Args:
            place: The sample's place, as the catalogue names it.
            grid: CRS, affine and shape of the sample.

        Raises:
            UserError: The source is damaged or not what the settings say.
        """
        ...

    def about(self) -> dict[str, Any]:
        """What was read, and the digest of it, for the attributes of the product."""
        ...

    def extent(self) -> str:
        """Where the source lies, for a sentence."""
        ...

    def tell(self, task: str) -> None:
        """Write into the log what had to be mended."""
        ...
