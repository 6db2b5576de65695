"""Short-termism of a firm, with R&D left out of every item."""
