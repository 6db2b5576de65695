"""The baseline again with something changed: each variation a model of its own, and what single groups do to it."""
