"""Measures of involution-type competition and of what it acts on, computed on the population."""

from involution.measures.compute import dictionary, lineage, measure
from involution.measures.sample import analysis_sample

__all__ = ["analysis_sample", "dictionary", "lineage", "measure"]
