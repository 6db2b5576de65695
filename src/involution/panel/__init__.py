"""From the user's files to one clean panel."""

from involution.panel.build import Built, build_panel, built

__all__ = ["Built", "build_panel", "built"]
