"""Estimation: formulas, absorption of fixed effects, inference."""
