import importlib.util
from pathlib import Path

SHARED = Path(__file__).parents[1] / "readers" / "conftest.py"
_spec = importlib.util.spec_from_file_location("readers_conftest", SHARED)
_readers = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_readers)

fakes = _readers.fakes
settings_of = _readers.settings_of
