"""Staggered adoption: average effects on the treated by years since adoption, from six estimators in one shape."""
