"""Treatments exchanged between units with their whole paths, and what every regression makes of them."""
