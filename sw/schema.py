"""The ``.tflite`` schema from TFLM's package, loaded without TFLM's runtime."""

from __future__ import annotations

from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from cfuforge.base.errors import EnvironmentLacksError

__all__ = ["schema"]

_FILE = "tensorflow/lite/micro/python/schema_py_generated.py"


def _load() -> Any:
    package = find_spec("tflite_micro")  # importing it would load the runtime
    for folder in (package and package.submodule_search_locations) or ():
        spec = spec_from_file_location("cfuforge.sw.tflite_schema", Path(folder) / _FILE)
        if spec and spec.loader:
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    raise EnvironmentLacksError("tflite-micro is not installed: pip install tflite-micro")


schema = _load()
