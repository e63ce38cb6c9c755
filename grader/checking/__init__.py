"""Assignments, questions and checks; what is right, and the engine that judges."""
