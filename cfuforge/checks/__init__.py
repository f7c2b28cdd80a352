"""Many inputs through a design on this machine, each compared with TensorFlow Lite Micro."""
