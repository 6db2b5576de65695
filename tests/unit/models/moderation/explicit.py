"""The other side of the tests: numpy's least squares on every column and dummy, none of the code under test."""

from __future__ import annotations

import numpy as np
import pandas as pd


def dummies(values):
    return pd.get_dummies(pd.Series(np.asarray(values)).astype(str)).to_numpy(dtype=float)


def rows_used(frame, columns, effects):
    """Complete rows, without those that an effect explains alone."""
    used = frame.dropna(subset=columns)
    while True:
        alone = np.zeros(len(used), dtype=bool)
        for effect in effects:
            key = used[effect.split("^")].astype(str).agg("|".join, axis=1)
            alone |= (key.map(key.value_counts()) == 1).to_numpy()
        if not alone.any():
            return used
        used = used[~alone]


def left_of(column, frame, effects, weights=None):
    """Residuals of a column from dummies."""
    matrix = np.hstack([dummies(frame[effect]) for effect in effects])
    root = np.ones(len(frame)) if weights is None else np.sqrt(np.asarray(weights))
    fitted = np.linalg.lstsq(matrix * root[:, None], np.asarray(column, dtype=float) * root, rcond=None)[0]
    return np.asarray(column, dtype=float) - matrix @ fitted


def least_squares(y, columns, frame, effects, weights=None):
    """Coefficients of the columns beside dummies of the effects (a^b crosses)."""
    parts = [np.column_stack(columns)]
    for effect in effects:
        parts.append(dummies(frame[effect.split("^")].astype(str).agg("|".join, axis=1)))
    parts.append(np.ones((len(frame), 1)))
    matrix = np.hstack(parts)
    root = np.ones(len(frame)) if weights is None else np.sqrt(np.asarray(weights))
    solved = np.linalg.lstsq(matrix * root[:, None], np.asarray(y) * root, rcond=None)[0]
    return solved[: len(columns)]


def jackknife(y, columns, frame, effects, cluster, weights=None):
    """Covariance over clusters left out in turn, the columns as they are."""
    whole = least_squares(y, columns, frame, effects, weights)
    deviations = []
    for label in frame[cluster].unique():
        kept = (frame[cluster] != label).to_numpy()
        part = [np.asarray(column)[kept] for column in columns]
        given = None if weights is None else np.asarray(weights)[kept]
        deviations.append(least_squares(np.asarray(y)[kept], part, frame[kept], effects, given) - whole)
    found, g = np.array(deviations), len(deviations)
    return (g - 1) / g * found.T @ found


def year_columns(x, years):
    """An indicator of each year but the first times x."""
    return [np.asarray(x) * (np.asarray(years) == year) for year in sorted(set(years))[1:]]
