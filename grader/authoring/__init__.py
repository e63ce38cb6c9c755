"""For instructors: what students get, made from what instructors write."""
