"""From SoC to bitstream."""
