"""What grades tell: the gradebook, figures about the class, and who needs a look."""
