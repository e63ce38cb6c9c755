"""A whole class: what was handed in, read safely, one submission at a time."""
