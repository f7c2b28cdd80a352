"""C and C++ for the SoC and the host, and the Python code that compiles it."""
