"""Waveforms of chosen cycles of a run."""
