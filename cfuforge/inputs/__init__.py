"""What a user has - pictures, arrays, sound, labels - as the tensors that a model takes."""
