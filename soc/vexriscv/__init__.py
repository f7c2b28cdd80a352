"""VexRiscv, generated from its Scala sources."""
