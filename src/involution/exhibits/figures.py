"""Figures: estimates with their intervals, a measure over the years, distributions; PDF, PNG and the data behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.coefficients import coefficients
from involution.exhibits.drawing import INK, look, saved, style
from involution.exhibits.labels import Labels, labels_for
from involution.study.base import Bilingual
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing
    from pandas.api.typing import SeriesGroupBy


def build_figures(
    figures: Sequence[Figure],
    study_labels: Mapping[str, Bilingual],
    estimates: pd.DataFrame,
    analysis: pd.DataFrame,
    dictionary: pd.DataFrame,
    *,
    languages: Sequence[str],
) -> dict[str, bytes]:
    """All figures as files.

    Returns
    -------
    dict of str to bytes
        By file name: .pdf, .png and .csv; languages after the first stand in a folder of their own.

    Raises
    ------
    InputError
        When a figure names what does not exist, or Chinese is asked for and no font has it.
    """
    from involution.panel.columns import canonical_columns

    files: dict[str, bytes] = {}
    sample = analysis[analysis["in_sample"].astype(bool)]
    for position, language in enumerate(languages):
        labels = labels_for(language, study_labels, dictionary, canonical_columns())
        folder = "" if position == 0 else f"{language}/"
        with style(language):
            for figure in figures:
                source = _checked(figure, estimates, sample)
                data, draw = _KINDS[figure.kind](figure, source, labels)
                title = figure.title.get(language) if figure.title else ""
                files |= {f"{folder}{figure.name}.{kind}": raw for kind, raw in saved(draw, title).items()}
                files[f"{folder}{figure.name}.csv"] = data.to_csv(
                    index=False, float_format="%.17g", lineterminator="\n"
                ).encode()
    return files


def _checked(figure: Figure, estimates: pd.DataFrame, sample: pd.DataFrame) -> pd.DataFrame:
    """The frame that a figure is drawn from, its names checked."""
    where = f"figure '{figure.name}'"
    if figure.kind == "coefficients":
        return estimates
    columns = [figure.column or ""] if figure.kind == "time" else list(figure.columns)
    if not columns or columns == [""]:
        raise InputError(
            Problem(where, f"a figure of kind {figure.kind} names its column{'' if figure.kind == 'time' else 's'}")
        )
    for name in columns:
        if name not in sample.columns:
            raise InputError(Problem(where, f"there is no column '{name}'"))
        if not pd.api.types.is_numeric_dtype(sample[name]):
            raise InputError(Problem(where, f"the column '{name}' is not numeric"))
    return sample


def _by_year(series: str, grouped: SeriesGroupBy[Any, Any]) -> pd.DataFrame:
    """Mean, median, quartiles and number of rows of each year."""
    columns = {
        "mean": grouped.mean(),
        "median": grouped.median(),
        "p25": grouped.quantile(0.25),
        "p75": grouped.quantile(0.75),
        "rows": grouped.size(),
    }
    summary = pd.DataFrame(columns).rename_axis("year").reset_index()
    summary.insert(0, "series", series)
    return summary


def _time(figure: Figure, sample: pd.DataFrame, labels: Labels) -> tuple[pd.DataFrame, Callable[[], Drawing]]:
    """A column over the years: the median firm and the quartiles, and the mean of named or the largest industries."""
    column = str(figure.column)
    known = sample.dropna(subset=[column])
    grouped = known.groupby("year")[column]
    parts = [_by_year("all", grouped)]
    industries: list[str] = []
    if "industry" in known.columns:
        sizes = known.groupby("industry").size().sort_values(ascending=False, kind="stable")
        industries = list(figure.highlight) or [str(name) for name in sizes.index[:4]]
        for name in industries:
            parts.append(_by_year(name, known[known["industry"] == name].groupby("year")[column]))
    data = pd.concat(parts, ignore_index=True)

    def draw() -> Drawing:
        from matplotlib import pyplot
        from matplotlib.ticker import MaxNLocator

        drawing, axes = pyplot.subplots(figsize=(6.5, 3.6))
        every = data[data["series"] == "all"]
        years = every["year"].to_numpy(dtype=float)
        axes.fill_between(years, every["p25"], every["p75"], color="#dfe6ee", label=labels.text("quartiles"), lw=0)
        axes.plot(years, every["median"], color=INK, lw=2, label=labels.text("median_firms"))
        for k, name in enumerate(industries):
            part = data[data["series"] == name]
            axes.plot(part["year"], part["mean"], lw=1, ms=3, label=f"{labels.column('industry')} {name}", **look(k))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel(labels.text("year"))
        axes.set_ylabel(labels.column(column))
        axes.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3)
        return drawing

    return data, draw


def _distribution(figure: Figure, sample: pd.DataFrame, labels: Labels) -> tuple[pd.DataFrame, Callable[[], Drawing]]:
    """Histograms, one a column."""
    parts = []
    for name in figure.columns:
        values = sample[name].dropna().to_numpy(dtype=float)
        if not len(values):
            continue
        bins = min(60, max(10, int(2 * len(values) ** (1 / 3))))
        counts, edges = np.histogram(values, bins=bins)
        width = np.diff(edges)
        density = counts / (counts.sum() * np.where(width > 0, width, 1))
        parts.append(
            pd.DataFrame({"column": name, "low": edges[:-1], "high": edges[1:], "count": counts, "density": density})
        )
    if not parts:
        raise InputError(Problem(f"figure '{figure.name}'", "none of its columns has a value in the sample"))
    data = pd.concat(parts, ignore_index=True)

    def draw() -> Drawing:
        from matplotlib import pyplot

        names = list(dict.fromkeys(data["column"]))
        wide = min(2, len(names))
        drawing, grid = pyplot.subplots(-(-len(names) // wide), wide, squeeze=False, layout="constrained",
                                        figsize=(3.3 * wide, 2.3 * -(-len(names) // wide)))  # fmt: skip
        for axes in grid.flat[len(names) :]:
            axes.set_visible(False)
        for axes, name in zip(grid.flat, names, strict=False):
            part = data[data["column"] == name]
            axes.bar(
                part["low"],
                part["density"],
                width=part["high"] - part["low"],
                align="edge",
                color="#8fa9c4",
                ec="white",
                lw=0.3,
            )
            axes.set_xlabel(labels.column(name))
            axes.set_ylabel(labels.text("density"))
        return drawing

    return data, draw


_KINDS = {"coefficients": coefficients, "time": _time, "distribution": _distribution}
