"""The account of a run's cycles: the cause, instruction and call of each."""
