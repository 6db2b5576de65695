"""Correlations of the variants of the index: weightings, the firm's own, for mechanisms, without each family."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.content import decimal
from involution.exhibits.drawing import DIVERGING, INK
from involution.exhibits.grouped import check_columns
from involution.exhibits.labels import Labels
from involution.exhibits.pictures import Material, Picture
from involution.exhibits.render.wrap import wrapped
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

VARIANTS = ("", "_pca", "_entropy", "_critic", "_own", "_mechanism")


def variants(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `variants`: columns row, column, correlation and rows, of the lower triangle.

    Pearson correlations over the rows in which every variant is known, so that all are of the same firms. A variant
    that is nowhere known, or does not vary, is left out, and the notes say so.
    """
    where = f"figure '{figure.name}'"
    check_columns(figure, material.sample, figure.columns)
    asked = figure.columns or _variants(material)
    names = [name for name in asked if name in material.sample and material.sample[name].notna().any()]
    complete = material.sample[names].dropna().astype(float)
    if names and len(complete) < 3:
        raise InputError(Problem(where, f"fewer than three rows have all of {', '.join(names)}"))
    varying = [name for name in names if np.ptp(complete[name]) > 0]
    if len(varying) < 2:
        shown = f"; those with values that vary: {', '.join(varying) or 'none'}"
        raise InputError(Problem(where, f"two variants of the index are the least to correlate{shown}"))
    matrix = np.corrcoef(_sorted(complete[varying]), rowvar=False).clip(-1, 1)
    data = _lower(matrix, varying, len(complete))
    notes = [labels.text("figure_correlation", rows=f"{len(complete):,}")]
    for key, kept, among in (("figure_left_out", names, asked), ("figure_constant", varying, names)):
        missing = [name for name in among if name not in kept]
        notes += [labels.text(key, names=labels.listed(missing))] if missing else []
    title = labels.text("default_title_variants")
    words = _in_words(data, labels)
    return Picture(data, lambda: _draw(matrix, varying, labels), words, title, tuple(notes))


def _variants(material: Material) -> list[str]:
    """Variants in a fixed order, available or not."""
    without = [name for name in material.index_columns() if name.startswith("involution_no_")]
    return [*(f"involution{ending}" for ending in VARIANTS), *without]


def _sorted(values: pd.DataFrame) -> np.ndarray:
    """Rows in an order of their own: sums do not depend on that of the sample."""
    return values.sort_values(list(values.columns), kind="stable").to_numpy()


def _lower(matrix: np.ndarray, names: list[str], rows: int) -> pd.DataFrame:
    i, j = np.tril_indices(len(names))
    named = np.array(names, dtype=object)
    return pd.DataFrame({"row": named[i], "column": named[j], "correlation": matrix[i, j], "rows": rows})


def _in_words(data: pd.DataFrame, labels: Labels) -> str:
    """How each variant correlates with the first, and the least correlated two of all."""
    pairs = data[data["row"] != data["column"]]
    first = data["row"].iloc[0]
    with_first = [
        f"{labels.column(row.row)} {decimal(row.correlation, 2)}"
        for row in pairs[pairs["column"] == first].itertuples(index=False)
    ]
    least = pairs.iloc[int(pairs["correlation"].argmin())]
    said = [
        labels.text("figure_with", column=labels.column(first), names=labels.text("separator").join(with_first)),
        labels.text(
            "figure_least",
            first=labels.column(least["row"]),
            second=labels.column(least["column"]),
            value=decimal(least["correlation"], 2),
        ),
    ]
    return labels.text("separator").join(said)


def _draw(matrix: np.ndarray, names: list[str], labels: Labels) -> Drawing:
    from matplotlib import pyplot

    size = len(names)
    drawing, axes = pyplot.subplots(figsize=(6.5, 1.0 + 0.38 * size), layout="constrained")
    shown = np.where(np.tri(size, dtype=bool), matrix, np.nan)
    mesh = axes.imshow(shown, cmap=DIVERGING, vmin=-1, vmax=1, aspect="auto")
    for i in range(size):
        for j in range(i + 1):
            colour = "white" if abs(matrix[i, j]) > 0.65 else INK
            axes.text(j, i, decimal(matrix[i, j], 2), ha="center", va="center", fontsize=8, color=colour)
    lines = [wrapped(f"({k + 1}) {labels.column(name)}", 30) for k, name in enumerate(names)]
    axes.set_yticks(range(size), ["\n".join(label) for label in lines], fontsize=8)
    axes.set_xticks(range(size), [f"({k + 1})" for k in range(size)], fontsize=8)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    bar = drawing.colorbar(mesh, ax=axes, pad=0.02, aspect=25)
    bar.set_label(labels.text("figure_pearson"))
    bar.outline.set_visible(False)
    return drawing
