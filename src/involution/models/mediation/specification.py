"""What is to be mediated by what, and where the paths depend on moderators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from involution.errors import InputError, Problem, nearest

Stage = Literal["first", "second", "both"]
STAGES: tuple[Stage, ...] = ("first", "second", "both")
DIRECT = "direct"


@dataclass(frozen=True)
class Moderator:
    """One moderated path.

    Attributes
    ----------
    by : str
        Column of the moderator.
    stage : {"first", "second", "both"}
        The path from treatment to mediator, from mediator to outcome, or both; of no meaning for the direct path.
    about : float or None
        The value at which effects without a condition hold; the mean over the sample where None.
    """

    by: str
    stage: Stage = "first"
    about: float | None = None


@dataclass(frozen=True)
class Specification:
    """The equations of a parallel mediation.

    Attributes
    ----------
    outcome, treatment : str
    mediators, controls : tuple of str
    moderators : dict of str to Moderator
        By mediator, or ``direct`` for the path past the mediators.
    blocks : tuple of tuple of str
        Groups of mediators whose joint indirect effect is reported beside that of each.
    """

    outcome: str
    treatment: str
    mediators: tuple[str, ...]
    controls: tuple[str, ...] = ()
    moderators: Mapping[str, Moderator] = field(default_factory=dict)
    blocks: tuple[tuple[str, ...], ...] = ()

    @property
    def moderating(self) -> tuple[str, ...]:
        """Columns that moderate a path, each once."""
        return tuple(dict.fromkeys(moderator.by for moderator in self.moderators.values()))

    def about(self, column: str) -> float | None:
        """The value that a moderator is taken about; its mean where None."""
        return next((m.about for m in self.moderators.values() if m.by == column and m.about is not None), None)

    @property
    def of_treatment(self) -> tuple[str, ...]:
        """Moderators that multiply the treatment: of a first stage or of the direct path."""
        named = [m.by for path, m in self.moderators.items() if path == DIRECT or m.stage in ("first", "both")]
        return tuple(dict.fromkeys(named))

    @property
    def second_stage(self) -> tuple[tuple[str, str], ...]:
        """Mediator and moderator of each moderated second stage."""
        return tuple(
            (path, m.by) for path, m in self.moderators.items() if path != DIRECT and m.stage in ("second", "both")
        )

    def first_moderator(self, mediator: str) -> str | None:
        """The moderator of a mediator's first stage."""
        found = self.moderators.get(mediator)
        return found.by if found is not None and found.stage in ("first", "both") else None

    def second_moderator(self, mediator: str) -> str | None:
        """The moderator of a mediator's second stage."""
        return dict(self.second_stage).get(mediator)

    @property
    def direct_moderator(self) -> str | None:
        """The moderator of the direct path."""
        found = self.moderators.get(DIRECT)
        return found.by if found is not None else None


def specified(
    outcome: str,
    treatment: str,
    mediators: Sequence[str] | str,
    controls: Sequence[str] | str = (),
    moderators: Mapping[str, Any] | None = None,
    blocks: Sequence[Sequence[str]] = (),
) -> Specification:
    """A specification from what users write.

    Raises
    ------
    InputError
        For a path or a stage that does not exist, and columns that stand in two places.
    """
    channels = (mediators,) if isinstance(mediators, str) else tuple(mediators)
    chosen = {path: _moderator(path, value) for path, value in (moderators or {}).items()}
    specification = Specification(
        outcome,
        treatment,
        channels,
        (controls,) if isinstance(controls, str) else tuple(controls),
        chosen,
        tuple(tuple(block) for block in blocks),
    )
    problems = _problems(specification)
    if problems:
        raise InputError(problems)
    return specification


def _moderator(path: str, value: Any) -> Moderator:
    if isinstance(value, Moderator):
        return value
    options = {"by": value} if isinstance(value, str) else dict(value)
    where = f"moderators.{path}"
    if "by" not in options or not set(options) <= {"by", "stage", "about"}:
        mend = "write {by: column, stage: first}"
        raise InputError(Problem(where, "expected the keys by, stage and about", mend=mend))
    stage = options.get("stage", "first")
    if stage not in STAGES:
        raise InputError(Problem(f"{where}.stage", f"found '{stage}'; expected {', '.join(STAGES)}"))
    about = options.get("about")
    return Moderator(str(options["by"]), stage, None if about is None else float(about))


def _problems(found: Specification) -> list[Problem]:
    problems = []
    if not found.mediators:
        problems.append(Problem("mediators", "none is named"))
    for path in found.moderators:
        if path not in (*found.mediators, DIRECT):
            known = [*found.mediators, DIRECT]
            problems.append(Problem("moderators", f"there is no path '{path}'{nearest(path, known)}"))
    for block in found.blocks:
        problems += [
            Problem("blocks", f"'{name}' is no mediator{nearest(name, found.mediators)}")
            for name in block
            if name not in found.mediators
        ]
    roles = {found.outcome: "the outcome", found.treatment: "the treatment"}
    for role, names in (("a mediator", found.mediators), ("a control", found.controls)):
        for name in names:
            if name in roles:
                problems.append(Problem("", f"'{name}' is {roles[name]} and {role}", mend="a column has one place"))
            roles[name] = role
    if found.outcome == found.treatment:
        problems.append(Problem("", f"'{found.outcome}' is the outcome and the treatment"))
    problems += [
        Problem("moderators", f"'{name}' moderates and is {roles[name]}")
        for name in found.moderating
        if roles.get(name) in ("the outcome", "the treatment", "a mediator")
    ]
    return problems
