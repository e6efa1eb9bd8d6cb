"""What the rules of the report and the explorer ask: files, and what they depend on.

Nothing here draws or imports what does: the plan is made at every start.
"""

import hashlib
from pathlib import Path
from typing import Any

from speckle2vec.planning.files import Files
from speckle2vec.provenance import fingerprint
from speckle2vec.readers.label_files import OSM

TEMPLATES = Path(__file__).parents[1] / "report" / "templates"
TABLES = {
    "compression": "results/compression.csv",
    "probes": "results/probes.csv",
    "landcover": "results/landcover/table.csv",
}
COVERED = ("cubes", "map", "labels")
"""Sections that tell land cover."""


class ReportPlan(Files):
    """Files and dependencies of the page on a run, and of its embeddings in a viewer."""

    def reported_labels(self) -> list[str]:
        """The labels of all shards, where the settings name any and a section shows them."""
        asked = set(COVERED) & set(self.settings.report.sections)
        return self.standing_labels() if asked else []

    def standing_labels(self) -> list[str]:
        """The labels of all shards, where the settings name any."""
        labels, corpora = self.settings.labels, self.settings.corpora.values()
        if labels.source == "demo":
            stand = all(corpus.source == "simulated" for corpus in corpora)
        else:
            stand = bool(self.settings.osm.path if labels.source == OSM else labels.path)
        return self.parts("results/labels", ".zarr.zip") if stand else []

    def reported_tables(self) -> list[str]:
        """The tables of the sections that are asked for."""
        return [path for name, path in TABLES.items() if name in self.settings.report.sections]

    def report(self) -> dict[str, Any]:
        """Dependencies of the page, which prints every setting."""
        templates = b"".join(path.read_bytes() for path in sorted(TEMPLATES.iterdir()))
        return {
            "shards": self.written_keys().stem,
            "settings": self.settings.model_dump(mode="json"),
            "templates": hashlib.sha256(templates).hexdigest()[:16],
            "code": fingerprint("speckle2vec.report.run"),
        }

    def explorer(self) -> dict[str, Any]:
        """Dependencies of the explorer's files."""
        return {
            "shards": self.written_keys().stem,
            "seed": self.settings.seed,
            "points": self.settings.report.points,
            "code": fingerprint("speckle2vec.report.explorer.run"),
        }
