"""Checks in a notebook: ``%load_ext grader``, then ``%check QUESTION``, or ``grader.check("QUESTION")``."""
