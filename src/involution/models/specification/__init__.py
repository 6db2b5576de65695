"""Specification curves: all combinations of declared choices, estimated together and tested jointly."""
