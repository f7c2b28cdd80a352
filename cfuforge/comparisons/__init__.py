"""A model on the simulated SoC, plain and with CFUs: cycles, and whether every value is right."""
