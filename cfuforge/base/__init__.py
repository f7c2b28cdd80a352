"""What every folder needs and no hardware is in: errors, the cache, files, other processes."""
