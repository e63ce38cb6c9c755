"""A whole class: its submissions, what grading them keeps, and what that tells."""
