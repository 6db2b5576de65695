"""What is to be mediated by what, and where the paths depend on moderators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Literal

from involution.errors import InputError, Problem, nearest

Stage = Literal["first", "second", "both"]
STAGES: tuple[Stage, ...] = ("first", "second", "both")
DIRECT = "direct"
LONGEST_CHAIN = 3


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
    """The equations of a mediation through parallel mediators, or through some that stand in a chain.

    Attributes
    ----------
    outcome, treatment : str
    mediators, controls : tuple of str
    moderators : dict of str to Moderator
        By mediator, or ``direct`` for the path past the mediators.
    blocks : tuple of tuple of str
        Groups of mediators whose joint indirect effect is reported beside that of each.
    serial : tuple of str
        Mediators each of which moves the later ones, in order; the others are parallel.
    instruments : dict of str to tuple of str
        By the treatment or a mediator: columns that move it and not what it is to explain.
    """

    outcome: str
    treatment: str
    mediators: tuple[str, ...]
    controls: tuple[str, ...] = ()
    moderators: Mapping[str, Moderator] = field(default_factory=dict)
    blocks: tuple[tuple[str, ...], ...] = ()
    serial: tuple[str, ...] = ()
    instruments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def earlier(self, mediator: str) -> tuple[str, ...]:
        """Mediators that stand before this one in the chain."""
        return self.serial[: self.serial.index(mediator)] if mediator in self.serial else ()

    @property
    def chains(self) -> tuple[tuple[str, ...], ...]:
        """Mediators of each way from treatment to outcome: every mediator alone, then those through several."""
        longer = [path for length in range(2, len(self.serial) + 1) for path in combinations(self.serial, length)]
        return (*((name,) for name in self.mediators), *longer)

    @property
    def treatment_instruments(self) -> tuple[str, ...]:
        """Instruments of the treatment."""
        return self.instruments.get(self.treatment, ())

    @property
    def mediator_instruments(self) -> tuple[str, ...]:
        """Instruments of mediators that are not the treatment's too, each once."""
        named = [name for variable, names in self.instruments.items() for name in names if variable != self.treatment]
        return tuple(name for name in dict.fromkeys(named) if name not in self.treatment_instruments)

    @property
    def moderating(self) -> tuple[str, ...]:
        """Columns that moderate a path, each once."""
        return tuple(dict.fromkeys(moderator.by for moderator in self.moderators.values()))

    def about(self, column: str) -> float | None:
        """The value that a moderator is taken about; its mean where None."""
        return next((m.about for m in self.moderators.values() if m.by == column and m.about is not None), None)

    @property
    def of_treatment(self) -> tuple[str, ...]:
        """Moderators that multiply the treatment: all of them.

        Where the second stage alone is said to be moderated, a direct path that is so too would otherwise pass for it.
        """
        return self.moderating

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
    serial: Sequence[str] = (),
    instruments: Mapping[str, Sequence[str] | str] | None = None,
) -> Specification:
    """A specification from what users write.

    Raises
    ------
    InputError
        For a path or a stage that does not exist, columns that stand in two places, and combinations not built.
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
        tuple(serial),
        {name: (z,) if isinstance(z, str) else tuple(z) for name, z in (instruments or {}).items()},
    )
    problems = [*_problems(specification), *_chain_problems(specification), *_instrument_problems(specification)]
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
    instruments = tuple(dict.fromkeys((*found.treatment_instruments, *found.mediator_instruments)))
    for role, names in (
        ("a mediator", found.mediators),
        ("a control", found.controls),
        ("an instrument", instruments),
    ):
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


def _chain_problems(found: Specification) -> list[Problem]:
    chain = found.serial
    if not chain:
        return []
    problems = [
        Problem("serial", f"'{name}' is no mediator{nearest(name, found.mediators)}")
        for name in chain
        if name not in found.mediators
    ]
    if len(set(chain)) < len(chain) or not 2 <= len(chain) <= LONGEST_CHAIN:
        what = f"a chain has two to {LONGEST_CHAIN} mediators, each once; found {', '.join(chain)}"
        problems.append(Problem("serial", what))
    if found.moderators:
        problems.append(Problem("serial", "moderated chains are not built", mend="leave out serial or moderators"))
    if found.instruments:
        problems.append(Problem("serial", "instrumented chains are not built", mend="leave out serial or instruments"))
    return problems


def _instrument_problems(found: Specification) -> list[Problem]:
    known = (found.treatment, *found.mediators)
    problems = [
        Problem("instruments", f"'{name}' is neither the treatment nor a mediator{nearest(name, known)}")
        for name in found.instruments
        if name not in known
    ]
    problems += [Problem(f"instruments.{name}", "none is named") for name, z in found.instruments.items() if not z]
    if found.instruments and found.moderators:
        what = "moderated paths with instruments are not built"
        problems.append(Problem("instruments", what, mend="leave out moderators or instruments"))
    distinct = len(found.treatment_instruments) + len(found.mediator_instruments)
    if not problems and distinct < len(found.instruments):
        what = (
            f"{distinct} different instruments for {len(found.instruments)} variables ({', '.join(found.instruments)})"
        )
        problems.append(Problem("instruments", what, mend="name at least one instrument of its own for each"))
    return problems
