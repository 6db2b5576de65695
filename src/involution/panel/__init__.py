"""From the user's files to one clean panel."""

from involution.panel.build import build_panel

__all__ = ["build_panel"]
