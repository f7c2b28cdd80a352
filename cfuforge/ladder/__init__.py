"""`cfuforge ladder`: one model from plain C to the whole `engine`, step by step."""
