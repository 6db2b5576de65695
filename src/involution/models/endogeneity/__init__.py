"""The effect of the treatment again, each time without one reason to doubt it."""
