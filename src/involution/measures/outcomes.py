"""Innovation: what comes out of it, and how long it lasts."""
