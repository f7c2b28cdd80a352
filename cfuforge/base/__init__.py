"""The foundation of every folder: errors, the cache, files, other processes."""
