"""The flows from a SoC to a bitstream."""
