"""Several of our own processes at once: the ground floor of auditing and of grading a class."""
