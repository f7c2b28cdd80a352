"""Hardware units to build CFUs from: one a file, each with its Python reference."""
