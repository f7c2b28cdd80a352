"""What a model is made of, and what memory it takes."""
