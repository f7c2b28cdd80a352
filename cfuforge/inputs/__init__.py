"""Convert a user's pictures, arrays, sound and labels to a model's input tensors."""
