"""The files of a run's products.

Nothing here reads pixels or imports what does: the plan is made at every start.
"""

from functools import cached_property
from pathlib import Path

import yaml

from speckle2vec.planning.shards import Shards
from speckle2vec.planning.written import written


class Files(Shards):
    """The shards of a run, and the files of its products."""

    def parts(self, folder: str, suffix: str, pretraining: bool = False) -> list[str]:
        """Paths of the parts of a product, for all shards or those of pretraining."""
        keys = self.pretraining if pretraining else self.keys
        return [str(key.part(Path(folder), suffix)) for key in keys]

    def written_settings(self) -> Path:
        """The settings as a file, named by content, so that no other run can change it."""
        return self._written_settings

    @cached_property
    def _written_settings(self) -> Path:
        text = yaml.safe_dump(self.settings.model_dump(mode="json"), sort_keys=True)
        return written(text, ".yaml")

    def written_keys(self, pretraining: bool = False) -> Path:
        """A list of shards as a file, named by content."""
        keys = self.pretraining if pretraining else self.keys
        return written("".join(f"{key}\n" for key in keys), ".txt")

    def written_models(self) -> Path:
        """The models of the grid as a file, named by content."""
        return written("".join(f"{model}\n" for model in self.settings.models), ".txt")

    def of_models(self, folder: str, suffix: str) -> list[str]:
        """A path for every model of the grid, such as `folder/fusion/none/pca.parquet`."""
        return [f"{folder}/{model}{suffix}" for model in self.settings.models]

    def corpus_parts(self, corpus: str, folder: str, suffix: str) -> list[str]:
        """Paths of the parts of a product, for the shards of one corpus."""
        return [str(key.part(Path(folder), suffix)) for key in self.keys if key.corpus == corpus]
