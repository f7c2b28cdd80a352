"""Inspect a model: its parts, and the memory that it takes."""
