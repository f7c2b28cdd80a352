"""Hardware units to build CFUs from: one per file, each with its Python reference."""
