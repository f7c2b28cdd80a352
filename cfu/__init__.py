"""What a custom function unit is, hardware units, complete CFUs."""
