"""Size, power and smallest detectable effects of planned models in the user's own panel, before outcomes are read."""
