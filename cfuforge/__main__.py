"""``python -m cfuforge``."""

from cfuforge.start import main

main()
