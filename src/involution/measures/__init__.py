"""Measures of involution-type competition and of what it acts on, computed on the population."""

from involution.measures.compute import dictionary, lineage, measure, measured
from involution.measures.reliability import reliability
from involution.measures.sample import analysis_sample

__all__ = ["analysis_sample", "dictionary", "lineage", "measure", "measured", "reliability"]
