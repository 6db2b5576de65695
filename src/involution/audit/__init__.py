"""Whether the numbers of a paper are those of the results: reading, numbers, candidates, judging, report."""
