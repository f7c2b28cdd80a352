"""Custom function units: the interface, hardware units, complete designs.

``__init__.pyi`` lists the names. Each is imported on first use, so that a program that needs only
one of the modules below does not wait for Amaranth.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
