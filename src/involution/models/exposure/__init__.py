"""Exposure to policy events: recentred by permuted calendars, tested by randomisation, passive against active."""
