"""Mediation with fixed effects and clusters: several channels, moderated paths, exact cluster inference."""
