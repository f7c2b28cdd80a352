"""`cfuforge bench`: what the designs need for several models, beside what is possible."""
