"""A full-speed USB serial device (CDC-ACM) for small FPGAs."""
