"""What the terms of a threshold model are called."""

from __future__ import annotations


def regime_names(column: str, threshold: str, count: int) -> tuple[str, ...]:
    """A column in each regime, lowest first.

    Parameters
    ----------
    column, threshold : str
    count : int
        Thresholds: 1 or 2.

    Examples
    --------
    >>> regime_names("x", "w", 1)
    ('x[w<=tau]', 'x[w>tau]')
    >>> regime_names("x", "w", 2)
    ('x[w<=tau1]', 'x[tau1<w<=tau2]', 'x[w>tau2]')
    """
    if count == 1:
        return f"{column}[{threshold}<=tau]", f"{column}[{threshold}>tau]"
    return f"{column}[{threshold}<=tau1]", f"{column}[tau1<{threshold}<=tau2]", f"{column}[{threshold}>tau2]"
