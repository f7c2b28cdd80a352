"""How long the engine takes for a program, from the timing that its units document."""
