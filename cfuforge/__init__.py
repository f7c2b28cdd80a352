"""CFU Forge: co-design machine-learning accelerators for small FPGAs.

The names that a notebook needs::

    from cfuforge import simulate
    comparison = simulate(cfu="simd_mac")
    comparison.cfu.to_frame()

``__init__.pyi`` lists all names; each is imported on first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
