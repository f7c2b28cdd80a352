"""The account of a run's cycles: each with its cause, its instruction, its call."""
