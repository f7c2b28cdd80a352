"""The SoC in Verilator as a Python object."""
