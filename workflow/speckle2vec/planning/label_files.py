"""The files that labels and layers of OpenStreetMap are made from."""

from pathlib import Path

from speckle2vec.errors import UserError
from speckle2vec.planning.files import Files
from speckle2vec.planning.shards import MADE
from speckle2vec.readers.label_files import OSM, label_files, watched_files
from speckle2vec.readers.locations import locate
from speckle2vec.settings.root import Settings


class LabelFiles(Files):
    """The files that labels and layers of OpenStreetMap are made from."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._labels: dict[str, dict[str, str]] = {}

    def label_files(self, corpus: str, shard: str) -> list[str]:
        """Local files that the labels of a shard are made from.

        None where the settings name no labels that are there: Snakemake would show a
        traceback here, where the job that labels tells what is wrong in a sentence.
        """
        if self.settings.labels.source == OSM:
            return list(label_files(self.settings, corpus, MADE, shard).values())
        try:
            raw, files = self.raw(corpus, shard), self._labels_of(corpus)
            return watched_files(self.settings, corpus, raw, files)
        except UserError:
            return []

    def _labels_of(self, corpus: str) -> dict[str, str]:
        """Files of labels by place: a folder of them is listed once and not for every shard."""
        if corpus not in self._labels:
            try:
                self._labels[corpus] = label_files(self.settings, corpus, MADE)
            except UserError:
                self._labels[corpus] = {}
        return self._labels[corpus]

    def osm_files(self) -> list[str]:
        """Local files that OpenStreetMap is read from; a missing one the job tells of."""
        osm = self.settings.osm
        paths = [locate(self.settings.data, path) for path in (osm.path, osm.outline) if path]
        return [path for path in paths if Path(path).is_file()]
