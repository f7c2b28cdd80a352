"""What all tests share."""

from __future__ import annotations

import os

import platformdirs

# Tests begin with many an empty cache; yosys would be compiled for each, in minutes.
os.environ.setdefault("YOWASP_CACHE_DIR", platformdirs.user_cache_dir("YoWASP"))
