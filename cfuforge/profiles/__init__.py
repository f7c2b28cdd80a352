"""Where the cycles of an inference go: table, page, advice, exports."""
