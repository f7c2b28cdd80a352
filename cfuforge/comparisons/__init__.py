"""Compare runs of a model on the simulated SoC, plain and with CFUs: cycles and correctness."""
