"""Run many inputs through a design on the host, each compared with TensorFlow Lite Micro."""
