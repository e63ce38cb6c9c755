"""What is kept: every attempt at every submission, in one file."""
