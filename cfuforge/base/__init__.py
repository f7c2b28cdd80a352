"""The ground that every other folder builds on: errors, the cache, files, other processes."""
