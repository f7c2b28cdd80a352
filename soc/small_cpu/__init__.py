"""`SmallCpu`: a small RV32I CPU with a CFU port."""
