"""A study's regressions as scripts for Stata and R that repeat them from one data file, and what differs between the
programs.
"""
