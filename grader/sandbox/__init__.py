"""The border: a student's code runs in a worker process, and only values cross. Knows nothing of checks."""
