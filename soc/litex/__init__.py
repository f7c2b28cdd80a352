"""The SoC in LiteX, which takes a second to load: imported only where Verilog is generated."""
