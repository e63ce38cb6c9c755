"""Faces of a report: for the terminal, as JSON, as JUnit XML. Each is a function of one report."""
