"""The SoC in LiteX, imported only to generate Verilog, since LiteX takes a second to load."""
