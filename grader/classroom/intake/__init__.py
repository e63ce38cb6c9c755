"""What was handed in: read safely from any download, one submission at a time."""
