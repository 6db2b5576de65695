"""Where the parts of a path diagram stand, in inches: lanes below each other, so that no label meets another.

Treatment and outcome are as tall as all lanes together; each mediator has a lane of its own with level arrows, the
direct path the lowest. Estimates stand on their arrow, a moderator below the path that it moderates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from involution.exhibits.render.wrap import fitted

PAGE, OUTER, MIDDLE = 7.0, 1.5, 1.7
GAP = (PAGE - 2 * OUTER - MIDDLE) / 2
TEXT, SMALL = 8.5, 7.5
"""Points of the text in boxes, and of estimates and moderators."""

_LETTER, _LINE, _INCH = 0.62, 1.28, 72.0
_PAD, _SPACE, _ARROW = 0.08, 0.14, 0.42
_OFF = 0.22


@dataclass(frozen=True)
class Box:
    """A box with its text.

    Attributes
    ----------
    left, top, width, height : float
        Inches, from the upper left corner of the page.
    lines : tuple of str
    size : float
        Points.
    kind : str
        end, mediator or moderator.
    """

    left: float
    top: float
    width: float
    height: float
    lines: tuple[str, ...]
    size: float
    kind: str

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return self.left + self.width / 2, self.top + self.height / 2


@dataclass(frozen=True)
class Arrow:
    """An arrow with what stands beside it.

    Attributes
    ----------
    start, end : (float, float)
    term : str
        The effect that it shows.
    lines : tuple of str
        Its label.
    label : (float, float)
        Lower edge and centre of the label of a level arrow; left edge and middle of that of an upright one.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    term: str
    lines: tuple[str, ...]
    label: tuple[float, float]

    @property
    def level(self) -> bool:
        """Whether it runs from left to right."""
        return self.start[1] == self.end[1]


@dataclass(frozen=True)
class Path:
    """A path, and its moderator where it has one.

    Attributes
    ----------
    term : str
    lines : tuple of str
        Its estimate.
    moderator : str
        Label of the moderator; empty without one.
    moderated_term : str
    moderated_lines : tuple of str
        The moderator's estimate.
    """

    term: str
    lines: tuple[str, ...]
    moderator: str = ""
    moderated_term: str = ""
    moderated_lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lane:
    """A mediator with the path to it and the path from it, and the path to it from the one above."""

    mediator: str
    first: Path
    second: Path
    from_above: Path | None = None


@dataclass(frozen=True)
class Layout:
    """Boxes and arrows, and the height that they take, in inches."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    height: float


def path_layout(treatment: str, outcome: str, lanes: Sequence[Lane], direct: Path | None) -> Layout:
    """Place everything.

    Parameters
    ----------
    treatment, outcome : str
        Labels.
    lanes : sequence of Lane
    direct : Path, optional
    """
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    top = 0.0
    for lane in lanes:
        made, top = _placed(lane, top, next((box for box in reversed(boxes) if box.kind == "mediator"), None))
        boxes += made.boxes
        arrows += made.arrows
    height = top - _SPACE + 0.05
    if direct is not None:
        level = top + _label_height(direct.lines)
        made, below = _level(direct, OUTER, PAGE - 2 * OUTER, level)
        boxes += made.boxes
        arrows += made.arrows
        height = max(below, level + 0.12)
    ends = [
        Box(left, 0.0, OUTER, height, box_lines(text, OUTER, TEXT), TEXT, "end")
        for left, text in ((0.0, treatment), (PAGE - OUTER, outcome))
    ]
    missing = max(_height(end.lines, TEXT) for end in ends) - height
    return _shifted(Layout(tuple(boxes), tuple(arrows), height), ends, max(0.0, missing / 2))


def _placed(lane: Lane, top: float, above: Box | None) -> tuple[Layout, float]:
    """A lane from `top` on, below the mediator `above`, and where the next one may begin."""
    lines = box_lines(lane.mediator, MIDDLE, TEXT)
    height = _height(lines, TEXT)
    if lane.from_above is not None:
        top += _ARROW - _SPACE + 0.1
    # The estimates on the arrows may need more room than the box.
    level = top + max(height / 2, *(_label_height(path.lines) for path in (lane.first, lane.second)))
    box = Box(OUTER + GAP, level - height / 2, MIDDLE, height, lines, TEXT, "mediator")
    first, reached = _level(lane.first, OUTER, GAP, level)
    second, further = _level(lane.second, PAGE - OUTER - GAP, GAP, level)
    chained = [] if lane.from_above is None or above is None else [_from_above(lane.from_above, above, box)]
    arrows = (*chained, *first.arrows, *second.arrows)
    bottom = max(level + height / 2, reached, further) + _SPACE
    return Layout((box, *first.boxes, *second.boxes), arrows, 0.0), bottom


def box_lines(text: str, wide: float, size: float) -> tuple[str, ...]:
    """A text in lines that fit a box."""
    return tuple(fitted(text, int((wide - 2 * _PAD) * _INCH / (size * _LETTER))))


def _height(lines: Sequence[str], size: float) -> float:
    return len(lines) * size * _LINE / _INCH + 2 * _PAD


def _label_height(lines: Sequence[str]) -> float:
    return len(lines) * SMALL * _LINE / _INCH + 0.06


def _level(path: Path, start: float, length: float, level: float) -> tuple[Layout, float]:
    """A level arrow with its estimate on it and its moderator below, and how far down they reach."""
    arrow = Arrow((start, level), (start + length, level), path.term, path.lines, (start + length / 2, level - 0.03))
    if not path.moderator:
        return Layout((), (arrow,), 0.0), level
    wide = min(length, GAP) - 0.1
    left = start + (length - wide) / 2
    lines = box_lines(path.moderator, wide, SMALL)
    box = Box(left, level + _ARROW, wide, _height(lines, SMALL), lines, SMALL, "moderator")
    x = left + _OFF
    upward = Arrow((x, box.top), (x, level), path.moderated_term, path.moderated_lines, (x + 0.05, level + _ARROW / 2))
    return Layout((box,), (arrow, upward), 0.0), box.top + box.height


def _from_above(path: Path, above: Box, box: Box) -> Arrow:
    x = above.middle[0]
    start, end = above.top + above.height, box.top
    return Arrow((x, start), (x, end), path.term, path.lines, (x + 0.05, (start + end) / 2))


def _shifted(inner: Layout, ends: Sequence[Box], shift: float) -> Layout:
    """Lanes in the middle of ends that are taller than they."""

    def down(point: tuple[float, float]) -> tuple[float, float]:
        return point[0], point[1] + shift

    boxes = [Box(b.left, b.top + shift, b.width, b.height, b.lines, b.size, b.kind) for b in inner.boxes]
    arrows = [Arrow(down(a.start), down(a.end), a.term, a.lines, down(a.label)) for a in inner.arrows]
    height = inner.height + 2 * shift
    tall = [Box(end.left, 0.0, end.width, height, end.lines, end.size, end.kind) for end in ends]
    return Layout((*tall, *boxes), tuple(arrows), height)
