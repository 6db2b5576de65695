"""Financing constraints: the headline index, its items, and the indices of the literature."""
