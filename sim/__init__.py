"""Simulation of the SoC in Verilator, as a Python object."""
