"""What pyogrio and shapely raise where a vector file is damaged."""

import pyogrio.errors
import shapely

UNREADABLE = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    shapely.errors.GEOSException,
)
"""`DataSourceError` where a file cannot be opened, `DataLayerError` where a layer or one of its
rows cannot be read, `GEOSException` where an outline is no outline."""
