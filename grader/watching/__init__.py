"""``grader watch``: what a saved file changes, what that affects, checking it beside, keys and the screen."""
