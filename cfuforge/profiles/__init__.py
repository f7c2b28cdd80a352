"""Profiles of an inference: table, page, advice, exports."""
