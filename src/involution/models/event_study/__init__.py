"""Staggered adoption: estimators and what is told of them."""
