"""Dynamic panels by the generalised method of moments: lags of the outcome beside firm effects."""
