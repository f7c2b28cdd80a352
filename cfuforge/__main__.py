"""``python -m cfuforge``."""

from cfuforge.cli import main

main()
