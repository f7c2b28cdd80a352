"""CFU Forge: co-design machine-learning accelerators for small FPGAs."""
