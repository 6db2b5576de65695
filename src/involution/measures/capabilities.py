"""Dual capabilities: identifying opportunities and managing operations."""
