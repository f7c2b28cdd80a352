"""The parts of a model, and the memory that it takes."""
