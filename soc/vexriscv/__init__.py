"""VexRiscv from its Scala sources."""
