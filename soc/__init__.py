"""The LiteX SoC around VexRiscv and a CFU."""
