"""Panel threshold models: a slope that differs below and above an estimated value of another column."""
