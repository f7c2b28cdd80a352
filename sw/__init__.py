"""C and C++ that runs on the SoC and on the host, and the code that compiles it."""
