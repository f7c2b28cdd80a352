"""The designs that come with CFU Forge: one package each, its class and optionally `kernels/`."""
