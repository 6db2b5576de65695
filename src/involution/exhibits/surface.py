"""A response surface: contours over both columns, greyed beyond the data, and the surface along its two lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.columns import Column
from involution.exhibits.curves import draw_band, named_curve, panel_title
from involution.exhibits.descriptives import by_magnitude
from involution.exhibits.drawing import DIVERGING, INK
from involution.exhibits.labels import Labels
from involution.exhibits.own_models import curves_of_model, model_of, said_by, value_of
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.models.surface_geometry import hull_of, inside_hull
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

BLOCK = "response_surface"
CELLS = 61
_LINES = {"congruence": "-", "incongruence": (0, (4, 2.5))}
_NOTES = ("surface_about", "surface_effect", "surface_by_year", "not_estimable")
_SHAPES = tuple(
    f"surface_{shape}_{where}" for shape in ("maximum", "minimum", "saddle") for where in ("inside", "outside")
)


@dataclass(frozen=True)
class _Drawn:
    """What is drawn: columns of both axes, the treatment (empty without one), origins, cells, corners of the data."""

    x: str
    z: str
    treatment: str
    about: tuple[float, float]
    cells: pd.DataFrame
    corners: np.ndarray
    lines: pd.DataFrame


def surface(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `surface`: columns part (surface, hull or a line), x, z, estimate, ci_low, ci_high, inside.

    Raises
    ------
    InputError
        When the study has no such surface, or the model is none.
    """
    where = f"figure '{figure.name}'"
    column = model_of(BLOCK, figure.model or "", material.results, where)
    notes = tuple(said_by(column.model, material.results, labels, (*_NOTES, *_SHAPES)))
    outcome = labels.column(str(column.first["outcome"]))
    if column.failed:
        title = labels.text("default_title_response_surface")
        return not_estimated(column.model, title, notes, labels)
    drawn = _drawn(column, curves_of_model(column, material.results), where)
    names = {"x": labels.column(drawn.x), "z": labels.column(drawn.z), "outcome": outcome}
    if drawn.treatment:
        title = labels.text("default_title_surface_effect", treatment=labels.column(drawn.treatment), **names)
    else:
        title = labels.text("default_title_surface", **names)
    words = labels.text("separator").join(_in_words(column, labels))
    beyond = labels.text("figure_surface_beyond")
    return Picture(_data(drawn), lambda: _draw(drawn, labels), words, title, (*notes, beyond))


def _drawn(column: Column, curves: pd.DataFrame, where: str) -> _Drawn:
    hulls = [name for name in curves["curve"].unique() if str(name).startswith("hull[")]
    if not hulls:
        raise InputError(Problem(where, f"the model '{column.model}' is no surface", mend="name the quadratic model"))
    corners = named_curve(curves, hulls[0])[["x", "estimate"]].to_numpy(dtype=float)
    corners = hull_of(corners)
    named = [str(name) for name in column.statistics["statistic"] if str(name).startswith("about[")]
    x, z = (name.removeprefix("about[").removesuffix("]") for name in named)
    treatment = next((term.removesuffix(f":{x}^2") for term in column.terms if term.endswith(f":{x}^2")), "")
    about = column.statistic(f"about[{x}]"), column.statistic(f"about[{z}]")
    return _Drawn(x, z, treatment, about, _cells(column, x, z, treatment, about, corners), corners, _lines(curves))


def _lines(curves: pd.DataFrame) -> pd.DataFrame:
    return curves[curves["curve"].str.startswith("line[")].reset_index(drop=True)


def _cells(
    column: Column, x: str, z: str, treatment: str, about: tuple[float, float], corners: np.ndarray
) -> pd.DataFrame:
    """The surface on a grid that spans the data: columns x, z, estimate, inside."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    first, second = np.meshgrid(*(np.linspace(low[k], high[k], CELLS) for k in (0, 1)))
    a, b = first - about[0], second - about[1]
    prefix = f"{treatment}:" if treatment else ""
    terms = {x: a, z: b, f"{x}^2": a * a, f"{x}:{z}": a * b, f"{z}^2": b * b}
    value = np.full_like(a, value_of(column, treatment) if treatment else 0.0)
    for term, values in terms.items():
        value += value_of(column, prefix + term) * values
    points = np.column_stack([first.ravel(), second.ravel()])
    inside = [inside_hull(point, corners) for point in points]
    return pd.DataFrame({"x": points[:, 0], "z": points[:, 1], "estimate": value.ravel(), "inside": inside})


def _data(drawn: _Drawn) -> pd.DataFrame:
    """Everything that is drawn in one table."""
    hull = pd.DataFrame({"part": "hull", "x": drawn.corners[:, 0], "z": drawn.corners[:, 1]})
    sides = {"line[congruence]": 1.0, "line[incongruence]": -1.0}
    lines = drawn.lines.rename(columns={"curve": "part"})
    along = drawn.about[1] + lines["part"].map(sides) * (lines["x"] - drawn.about[0])
    frame = pd.concat([drawn.cells.assign(part="surface"), hull, lines.assign(z=along)], ignore_index=True)
    return frame[["part", "x", "z", "estimate", "ci_low", "ci_high", "inside"]]


def _in_words(column: Column, labels: Labels) -> list[str]:
    """Slopes and curvatures along both lines with their intervals."""
    out = []
    for term in ("surface[a1]", "surface[a2]", "surface[a3]", "surface[a4]"):
        values = {what: by_magnitude(value_of(column, term, what), 3) for what in ("estimate", "ci_low", "ci_high")}
        out.append(labels.text("figure_surface_words", name=labels.term(term), **values))
    return out


def _draw(drawn: _Drawn, labels: Labels) -> Drawing:
    from matplotlib import pyplot

    drawing = pyplot.figure(figsize=(7.0, 4.4), layout="constrained")
    parts: Any = drawing.subfigures(1, 2, width_ratios=[1.45, 1])
    left, right = parts
    _contours(left, drawn, labels)
    for axes, (name, _) in zip(right.subplots(2, 1), _LINES.items(), strict=True):
        line = named_curve(drawn.lines, f"line[{name}]")
        draw_band(axes, line)
        axes.set_title(panel_title(labels.text(f"figure_line_{name}")), fontsize=8)
        axes.set_xlabel(panel_title(labels.column(drawn.x)), fontsize=8)
        axes.tick_params(labelsize=7)
    return drawing


def _contours(part: Any, drawn: _Drawn, labels: Labels) -> None:
    axes = part.subplots()
    cells = drawn.cells
    x, z = (np.unique(cells[name]) for name in ("x", "z"))
    values = cells["estimate"].to_numpy().reshape(len(z), len(x))
    inside = cells["inside"].to_numpy(dtype=bool).reshape(len(z), len(x))
    known = values[inside] if inside.any() else values
    reach = float(np.abs(known).max()) or 1.0
    mesh = axes.pcolormesh(
        x, z, np.where(inside, values, np.nan), cmap=DIVERGING, vmin=-reach, vmax=reach, shading="nearest"
    )
    axes.patch.set(facecolor="#e4e4e4")
    lines = axes.contour(x, z, values, levels=8, colors=INK, linewidths=0.5, alpha=0.7)
    axes.clabel(lines, fontsize=6)
    around = np.vstack([drawn.corners, drawn.corners[:1]])
    axes.plot(around[:, 0], around[:, 1], color=INK, lw=0.9)
    for name, side in (("congruence", 1.0), ("incongruence", -1.0)):
        along = drawn.about[1] + side * (x - drawn.about[0])
        axes.plot(x, along, color=INK, lw=1.3, ls=_LINES[name], label=labels.text(f"figure_line_{name}"))
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(z[0], z[-1])
    axes.set_xlabel(panel_title(labels.column(drawn.x)))
    axes.set_ylabel(panel_title(labels.column(drawn.z)))
    part.colorbar(mesh, ax=axes, pad=0.02, aspect=30).outline.set_visible(False)
    part.legend(fontsize=7, loc="outside lower center", ncols=1)
