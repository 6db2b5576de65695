"""Markups from cost shares, for robustness alone."""
