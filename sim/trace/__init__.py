"""Waveforms of a run, of the cycles that are asked for."""
