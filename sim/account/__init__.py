"""Where the cycles of a run go: every one with its cause, its instruction, its call."""
