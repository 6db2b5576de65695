"""The path diagram of a mediation: treatment, mediators, outcome, and the estimates on the arrows between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.exhibits.content import decimal, stars_for
from involution.exhibits.decomposition import Decomposition, decomposition, shown_decimals
from involution.exhibits.drawing import INK
from involution.exhibits.labels import Labels
from involution.exhibits.mediation_terms import WHOLE, mediation_label, parsed_term
from involution.exhibits.path_layout import PAGE, SMALL, Arrow, Box, Lane, Layout, Path, path_layout
from involution.exhibits.pictures import Material, Picture, not_estimated
from involution.exhibits.render.wrap import wrapped
from involution.exhibits.words import mediation_in_words
from involution.study.figures import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

STARS: Mapping[str, float] = {"*": 0.1, "**": 0.05, "***": 0.01}
LEVEL = 0.05
"""Paths with a larger p-value are dashed."""

_COLUMNS = ["term", "estimate", "std_error", "p_value", "ci_low", "ci_high"]
_TEXT_LINE, _WIDEST = 0.16, 125
_FILLS = {"end": "#e9eef4", "mediator": "#ffffff", "moderator": "#f5f5f5"}


def paths(figure: Figure, material: Material, labels: Labels) -> Picture:
    """The figure `paths`: columns term, from, to, estimate, std_error, p_value, ci_low, ci_high.

    Raises
    ------
    InputError
        When the study has no such mediation, or its treatment has several levels, each with paths of its own.
    """
    where = f"figure '{figure.name}'"
    found, *others = decomposition(figure.model or "", material.results, where).contrasts
    if others:
        what = f"the mediation '{found.model}' has {len(others) + 1} levels of the treatment, each with its own paths"
        raise InputError(Problem(where, what, mend="give the mediation `levels`: a low and a high one"))
    treatment, outcome = found.named(labels)
    title = labels.text("default_title_paths", treatment=treatment, outcome=outcome)
    notes = (*found.said(labels, status=True), *found.said(labels, status=False))
    if found.column.failed:
        return not_estimated(found.model, title, notes, labels)
    data = _data(found)
    digits = shown_decimals(data["std_error"].tolist())
    estimates = {str(row["term"]): _estimate(row, digits) for _, row in data.iterrows()}
    layout = path_layout(treatment, outcome, _lanes(found, estimates, labels), _direct(found, estimates, labels))
    solid = {str(term) for term, p_value in zip(data["term"], data["p_value"], strict=True) if p_value < LEVEL}
    below = _below(layout, estimates, labels, by_outcomes=found.by_outcomes)
    return Picture(data, lambda: _draw(layout, solid, below), mediation_in_words(found, labels), title, notes)


def _data(found: Decomposition) -> pd.DataFrame:
    """Paths, slopes of moderated paths, and the effects named below the diagram."""
    rows = []
    for term, row in found.effects.items():
        ends = _ends(term, found)
        if ends:
            rows.append({"term": term, "from": ends[0], "to": ends[1], **{name: row[name] for name in _COLUMNS[1:]}})
    return pd.DataFrame(rows, columns=["term", "from", "to", *_COLUMNS[1:]])


def _ends(term: str, found: Decomposition) -> tuple[str, str] | None:
    """From where to where a path leads; None for effects that are no path."""
    part, (effect, _, by) = parsed_term(term), term.partition(":")
    if part is None:
        ends = {"direct": (found.treatment, found.outcome), "total": (found.treatment, found.outcome)}.get(effect)
        return (by, "direct") if ends and by else ends
    if part.at or part.effect not in ("a", "b", "d", "indirect"):
        return None
    if part.by:
        return part.by, effect
    first, last = part.columns[0], part.columns[-1]
    if part.effect == "indirect" and first != WHOLE:
        return (first, found.outcome) if term in _seconds(found) else None
    if part.effect == "indirect":
        return found.treatment, found.outcome
    return {"a": (found.treatment, first), "b": (first, found.outcome), "d": (last, first)}[part.effect]


def _seconds(found: Decomposition) -> list[str]:
    """What stands on the arrow from each mediator: its path, or its indirect effect where that is no product."""
    return [f"{'indirect' if found.by_outcomes else 'b'}[{name}]" for name in found.mediators]


def _estimate(row: pd.Series, digits: int) -> tuple[str, str]:
    """The estimate with its stars, and its standard error in parentheses."""
    shown = decimal(float(row["estimate"]), digits).replace("-", "−")
    return shown + stars_for(float(row["p_value"]), STARS), f"({decimal(float(row['std_error']), digits)})"


def _first_and_second(
    found: Decomposition, position: int, estimates: Mapping[str, tuple[str, str]], labels: Labels
) -> tuple[Path, Path]:
    """The arrows to and from a mediator; those by potential outcomes say what they are."""
    terms = f"a[{found.mediators[position]}]", _seconds(found)[position]
    if not found.by_outcomes:
        first, second = (_path(term, found, estimates, labels) for term in terms)
    else:
        keys = ("path_change", "path_indirect")
        first, second = (
            Path(term, (labels.text(key), *estimates[term])) for term, key in zip(terms, keys, strict=True)
        )
    return first, second


def _path(path: str, found: Decomposition, estimates: Mapping[str, tuple[str, str]], labels: Labels) -> Path:
    by = found.moderator(path)
    if not by:
        return Path(path, estimates[path])
    return Path(path, estimates[path], labels.column(by), f"{path}:{by}", estimates[f"{path}:{by}"])


def _lanes(found: Decomposition, estimates: Mapping[str, tuple[str, str]], labels: Labels) -> list[Lane]:
    lanes = []
    for position, (above, name) in enumerate(zip(("", *found.mediators), found.mediators, strict=False)):
        serial = f"d[{name},{above}]"
        first, second = _first_and_second(found, position, estimates, labels)
        from_above = _path(serial, found, estimates, labels) if serial in estimates else None
        lanes.append(Lane(labels.column(name), first, second, from_above))
    return lanes


def _direct(found: Decomposition, estimates: Mapping[str, tuple[str, str]], labels: Labels) -> Path | None:
    """The direct path; none where the decomposition gives none."""
    if "direct" not in estimates:
        return None
    path = _path("direct", found, estimates, labels)
    return Path(
        path.term,
        (labels.text("path_direct", estimate=" ".join(path.lines)),),
        path.moderator,
        path.moderated_term,
        path.moderated_lines,
    )


def _below(layout: Layout, estimates: Mapping[str, tuple[str, str]], labels: Labels, *, by_outcomes: bool) -> list[str]:
    """Total and indirect effect, paths that the diagram has no room for, and how to read it."""
    drawn = {arrow.term for arrow in layout.arrows}
    whole = [
        f"{mediation_label(term, labels)} {' '.join(estimates[term])}"
        for term in ("total", "indirect[total]")
        if term in estimates
    ]
    lines = [labels.text("separator").join(whole)] if whole else []
    lines += [
        f"{mediation_label(term, labels)}: {' '.join(shown)}"
        for term, shown in estimates.items()
        if term not in (*drawn, "total", "indirect[total]")
    ]
    if by_outcomes:
        lines.append(labels.text("path_outcomes"))
    marks = ", ".join(labels.text("star_level", mark=mark, level=f"{level:g}") for mark, level in STARS.items())
    key = [labels.text("path_standard_errors"), labels.text("path_key"), labels.text("stars_note", marks=marks)]
    lines.append(("" if labels.language == "zh" else " ").join(key))
    return [piece for line in lines for piece in wrapped(labels.said(line), _WIDEST)]


def _draw(layout: Layout, solid: set[str], below: Sequence[str]) -> Drawing:
    from matplotlib import pyplot

    bottom = layout.height + 0.12 + _TEXT_LINE * len(below)
    # Two lines of a title, and the share of the page that stays free above it.
    above = 0.4 + 0.025 * bottom
    drawing = pyplot.figure(figsize=(PAGE + 0.1, bottom + above))
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(-0.05, PAGE + 0.05)
    axes.set_ylim(bottom, -above)
    for box in layout.boxes:
        _draw_box(axes, box)
    for arrow in layout.arrows:
        _draw_arrow(axes, arrow, dashed=arrow.term not in solid)
    for number, line in enumerate(below):
        size = SMALL if number else SMALL + 0.5
        axes.text(PAGE / 2, layout.height + 0.12 + _TEXT_LINE * number, line, ha="center", va="top", size=size)
    return drawing


def _draw_box(axes: Any, box: Box) -> None:
    from matplotlib.patches import FancyBboxPatch

    rounding = 0.08 if box.kind == "moderator" else 0.0
    style = f"round,pad=0,rounding_size={rounding}" if rounding else "square,pad=0"
    patch = FancyBboxPatch(
        (box.left, box.top), box.width, box.height, boxstyle=style, fc=_FILLS[box.kind], ec=INK,
        lw=0.7 if box.kind == "moderator" else 1.0,
    )  # fmt: skip
    axes.add_patch(patch)
    axes.text(*box.middle, "\n".join(box.lines), ha="center", va="center", size=box.size, linespacing=1.15)


def _draw_arrow(axes: Any, arrow: Arrow, *, dashed: bool) -> None:
    from matplotlib.patches import FancyArrowPatch

    patch = FancyArrowPatch(
        arrow.start, arrow.end, arrowstyle="-|>", mutation_scale=9, shrinkA=0, shrinkB=0, color=INK,
        lw=1.0 if arrow.level else 0.8, linestyle=(0, (4, 2.5)) if dashed else "solid",
    )  # fmt: skip
    axes.add_patch(patch)
    place = {"ha": "center", "va": "bottom"} if arrow.level else {"ha": "left", "va": "center"}
    axes.text(*arrow.label, "\n".join(arrow.lines), size=SMALL, linespacing=1.1, **place)
