"""The effect of a treatment by group, and tests that it differs between groups."""
