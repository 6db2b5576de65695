"""From data files that nobody has described yet to a study file that runs: what is in them, and what it allows."""
