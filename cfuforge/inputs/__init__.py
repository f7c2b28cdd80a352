"""A user's pictures, arrays, sound and labels as the tensors that a model takes."""
