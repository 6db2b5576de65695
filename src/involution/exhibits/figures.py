"""Figures: estimates with their intervals, a measure over the years, distributions; PDF, PNG and the data behind."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.labels import Labels, labels_for
from involution.study.base import Bilingual
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing
    from pandas.api.typing import SeriesGroupBy

CHINESE_FONTS = (
    "Noto Serif CJK SC",
    "Noto Sans CJK SC",
    "Source Han Serif SC",
    "SimSun",
    "Songti SC",
    "WenQuanYi Zen Hei",
)
_INK, _GREY = "#1b1b1b", "#9a9a9a"
_COLOURS = ("#1f4e79", "#c0504d", "#4f8a3d", "#7f5aa2", "#b8860b", "#2b8c8c")
_MARKERS = ("o", "s", "^", "D", "v", "P")


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
        with _style(language):
            for figure in figures:
                source = _checked(figure, estimates, sample)
                data, draw = _KINDS[figure.kind](figure, source, labels)
                title = figure.title.get(language) if figure.title else ""
                files |= {f"{folder}{figure.name}.{kind}": raw for kind, raw in _saved(draw, title).items()}
                files[f"{folder}{figure.name}.csv"] = data.to_csv(
                    index=False, float_format="%.17g", lineterminator="\n"
                ).encode()
    return files


def _style(language: str) -> Any:
    """Drawing defaults; one family of fonts, a Chinese one beside it where the language needs it."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import font_manager

    families = ["DejaVu Serif"]
    if language == "zh":
        known = {entry.name for entry in font_manager.fontManager.ttflist}
        found = [name for name in CHINESE_FONTS if name in known]
        if not found:
            raise InputError(
                Problem("languages: zh", "no font with Chinese characters is installed", mend="install Noto Serif CJK")
            )
        families = [*families, found[0]]
    return matplotlib.rc_context(
        {
            "font.family": families,
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": _INK,
            "axes.unicode_minus": True,
            "pdf.fonttype": 42,
            "svg.hashsalt": "involution",
            "figure.dpi": 100,
            "savefig.dpi": 200,
            "legend.frameon": False,
        }
    )


def _saved(draw: Callable[[], Drawing], title: str) -> dict[str, bytes]:
    from matplotlib import pyplot

    drawing = draw()
    if title:
        drawing.suptitle(title, fontsize=10)
    out = {}
    for kind, metadata in (
        ("pdf", {"CreationDate": None, "Creator": None, "Producer": None}),
        ("png", {"Software": None}),
    ):
        stream = io.BytesIO()
        drawing.savefig(stream, format=kind, metadata=metadata, bbox_inches="tight")
        out[kind] = stream.getvalue()
    pyplot.close(drawing)
    return out


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


def _coefficients(
    figure: Figure, estimates: pd.DataFrame, labels: Labels
) -> tuple[pd.DataFrame, Callable[[], Drawing]]:
    """Estimates with 95 % intervals: terms down the page, models side by side."""
    rows = estimates.dropna(subset=["estimate"])
    rows = rows[rows["term"] != "(Intercept)"]
    models = [name for name in dict.fromkeys(rows["model"]) if not figure.models or _named(name, figure.models)]
    rows = rows[rows["model"].isin(models)]
    if figure.keep:
        rows = rows[rows["term"].isin(figure.keep)]
    data = rows[["model", "outcome", "term", "estimate", "ci_low", "ci_high", "n_obs"]].reset_index(drop=True)

    def draw() -> Drawing:
        from matplotlib import pyplot

        terms = list(dict.fromkeys(data["term"]))
        height = max(2.0, 0.9 + 0.28 * len(terms) * max(1, len(models) ** 0.7))
        drawing, axes = pyplot.subplots(figsize=(6.5, height), layout="constrained")
        for k, model in enumerate(models):
            part = data[data["model"] == model]
            offset = (k - (len(models) - 1) / 2) * 0.8 / max(1, len(models))
            y = np.array([terms.index(term) for term in part["term"]]) + offset
            x, low, high = (part[name].to_numpy(dtype=float) for name in ("estimate", "ci_low", "ci_high"))
            errors = np.nan_to_num(np.vstack([x - low, high - x]), nan=0.0, posinf=0.0)
            colour, marker = _COLOURS[k % len(_COLOURS)], _MARKERS[k % len(_MARKERS)]
            axes.errorbar(x, y, xerr=errors, fmt=marker, ms=4, lw=1, color=colour, capsize=2, label=model)
        axes.axvline(0, color=_GREY, lw=0.8, zorder=0)
        axes.set_yticks(range(len(terms)), [labels.term(term) for term in terms])
        axes.set_ylim(len(terms) - 0.4, -0.6)
        axes.set_xlabel(f"{labels.text('estimate')}, {labels.text('confidence')}")
        if len(models) > 1:
            drawing.legend(fontsize=7, loc="outside lower center", ncols=3)
        return drawing

    return data, draw


def _named(model: str, names: Sequence[str]) -> bool:
    return model in names or model.split("[")[0] in names


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
        axes.plot(years, every["median"], color=_INK, lw=2, label=labels.text("median_firms"))
        for k, name in enumerate(industries):
            part = data[data["series"] == name]
            axes.plot(part["year"], part["mean"], lw=1, marker=_MARKERS[k % 6], ms=3, color=_COLOURS[k % 6],
                      label=f"{labels.column('industry')} {name}")  # fmt: skip
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


_KINDS = {"coefficients": _coefficients, "time": _time, "distribution": _distribution}
