"""Products alike and prices undercut."""
