"""Numbers in prose, and in tables of a paper's own: by their digits, what stands beside them, and names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from involution.audit.candidates import Candidate, different
from involution.audit.document import Passage
from involution.audit.findings import Finding, Status, around, printed
from involution.audit.hints import asked, hinted, starred
from involution.audit.known import Known
from involution.audit.numbers import Token, agrees, alike, cut_off, is_half, plain, rounded_twice, tokens
from involution.audit.skipped import skipped

_ENOUGH = 3
"""Digits from which a number in prose is taken for the only one that agrees with it."""
_BETWEEN = re.compile(r"\s*[(\[]\s*[^()\[\]\d.]{0,25}[-−–]?\s*")
_INSIDE = re.compile(r"[^()\[\]\d.]{0,25}[-−–]?\s*")
_CLOSED = re.compile(r"\s*[)\],;]")
_OF_ROW = ("std_error", "statistic", "p_value", "ci_low", "ci_high")
_LESS = re.compile(r"(?:\bp(?:-?values?)?|p\s?值)\s*[<≤]\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Group:
    """A number and those in brackets that follow it: an estimate and its error, its interval."""

    main: Token
    beside: tuple[Token, ...] = ()


def judge_passage(passage: Passage, known: Known) -> list[Finding]:
    """What is found of the numbers of a passage."""
    found = tokens(passage.text)
    away = skipped(passage, found)
    findings: dict[int, Finding] = _cited(passage, found, known)
    for place, reason in away.items():
        findings.setdefault(place, _finding(passage, found[place], "skipped", reason))
    rest = [place for place in range(len(found)) if place not in findings]
    of_note = known.note(passage.text, found) if rest else None
    if of_note is not None:
        for place in rest:
            findings[place] = _in_note(passage, found[place], of_note[place])
        return [findings[place] for place in sorted(findings)]
    for places in _groups(passage.text, found, rest):
        group = Group(found[places[0]], tuple(found[place] for place in places[1:]))
        for place, finding in zip(places, judge_group(passage, group, known), strict=True):
            findings[place] = finding
    _bounds(passage, found, findings, known)
    return [findings[place] for place in sorted(findings)]


def _cited(passage: Passage, found: Sequence[Token], known: Known) -> dict[int, Finding]:
    """Numbers that stand there by name, beside what the results show under it."""
    out = {}
    for one in passage.cited:
        number = known.by_key.get(one.key)
        shown = passage.text[one.start : one.end]
        # The name covers the number, or the number with a sign before it.
        inside = [k for k, token in enumerate(found) if token.start < one.end and token.end > one.start]
        for place in inside:
            token = found[place]
            if number is None:
                out[place] = _finding(passage, token, "unmatched", "unknown_name", values={"name": one.key})
            elif _sign(shown) == _sign(number.shown):
                out[place] = _finding(passage, token, "matched", "by_name", Candidate(number.value, number=number), 1)
            else:
                right = Candidate(number.value, number=number)
                out[place] = _finding(passage, token, "stale", "stale_field", right, 1, _sign(number.shown))
    return out


def _sign(text: str) -> str:
    kept = plain(text).replace("-", "−").replace("–", "−")
    return re.sub(r"\\ensuremath|[{}$\s]", "", kept)


def _in_note(passage: Passage, token: Token, right: Token) -> Finding:
    if alike(token, right):
        return _finding(passage, token, "matched", "in_note")
    return _finding(passage, token, "unmatched", "another_in_note", None, 0, right.text)


def _groups(text: str, found: Sequence[Token], rest: Sequence[int]) -> list[list[int]]:
    """Numbers with those in brackets behind them."""
    said, groups = plain(text), list[list[int]]()
    for place in rest:
        token = found[place]
        if groups and groups[-1][-1] == place - 1 and _CLOSED.match(said[token.end :]):
            first = len(groups[-1]) == 1
            between = said[found[place - 1].end : token.start]
            if found[groups[-1][0]].bracket == "" and (_BETWEEN if first else _INSIDE).fullmatch(between):
                groups[-1].append(place)
                continue
        groups.append([place])
    return groups


def judge_group(passage: Passage, group: Group, known: Known, models: Sequence[str] = ()) -> list[Finding]:
    """A number, and what stands in brackets behind it, which has to be of the same row of the results.

    Parameters
    ----------
    passage : Passage
    group : Group
    known : Known
    models : sequence of str
        Models that a table's column points to; those alone where any of them agrees.
    """
    if not group.beside:
        return [judge_alone(passage, group.main, known, models)]
    first = starred(group.main, known.index.find(group.main, sign=False))
    joint = [one for one in first if one.number and all(known.row_has(one.number, t) for t in group.beside)]
    joint = [one for one in joint if one.number and one.number.model in models] or joint
    if joint:
        count = different(joint)
        main = judge_chosen(passage, group.main, joint, count)
        others = [_of_row(passage, token, joint, count, known) for token in group.beside]
        return [main, *others]
    main = judge_alone(passage, group.main, known, models)
    return [main, *(_not_of_row(passage, token, main, known) for token in group.beside)]


def _of_row(passage: Passage, token: Token, joint: Sequence[Candidate], count: int, known: Known) -> Finding:
    number = joint[0].number
    fits = [one for one in known.row(number) if agrees(token, one.value)] if number else []
    right = Candidate(fits[0].value, number=fits[0]) if fits else None
    return _finding(passage, token, "matched" if count == 1 else "ambiguous", "", right, count)


def _not_of_row(passage: Passage, token: Token, main: Finding, known: Known) -> Finding:
    """A number in brackets behind an estimate that is matched, beside the row of that estimate."""
    alone = judge_alone(passage, token, known)
    number = main.candidate.number if main.candidate else None
    if main.status != "matched" or number is None or number.what not in ("estimate", "value") or token.whole:
        return alone
    kinds = asked(plain(passage.text)[: token.start]) or _OF_ROW
    row = [one for one in known.row(number) if one.what in kinds]
    fits = next((one for one in row if agrees(token, one.value)), None)
    if fits is not None:
        return _finding(passage, token, "matched", "", Candidate(fits.value, number=fits), 1)
    if not row:
        return alone
    due = row[0]
    right, expected = Candidate(due.value, number=due), printed(due.value, token)
    if cut_off(token, due.value) or rounded_twice(token, due.value):
        why = "cut_off" if cut_off(token, due.value) else "rounded_twice"
        full = f"{due.value:.{token.decimals + 3}f}"
        return _finding(passage, token, "misrounded", why, right, 1, expected, {"full": full})
    before = known.before.get(due.key)
    if before is not None and agrees(token, before.value):
        return _finding(passage, token, "stale", "stale_key", right, 1, expected)
    others = [one for one in known.index.numbers(token) if one.what == due.what]
    status: Status = "misplaced" if others else "unmatched"
    return _finding(passage, token, status, "not_of_row", right, len(others), expected)


def judge_alone(passage: Passage, token: Token, known: Known, models: Sequence[str] = ()) -> Finding:
    """A number by itself: matched, ambiguous, or what it may have been meant to be."""
    found, counted = hinted(passage, token, starred(token, known.index.find(token, sign=False)))
    if token.whole:
        found = [one for one in found if one.value == round(one.value)] or found
    held = [one for one in found if one.number and one.number.model in models]
    if held:
        return judge_chosen(passage, token, held, different(held))
    if _was_before(token, found, known):
        return _stale(passage, token, known)
    if not found:
        return _none(passage, token, known)
    count = different(found)
    if count == 1 and token.digits < _ENOUGH and not counted and not token.stars:
        return _finding(passage, token, "ambiguous", "few_digits", found[0], count)
    return judge_chosen(passage, token, found, count)


def judge_chosen(passage: Passage, token: Token, found: Sequence[Candidate], count: int) -> Finding:
    """A number that agrees with some: matched where they are one, and its stars beside theirs."""
    marks = {one.number.stars for one in found if one.number and one.number.what == "estimate"}
    if token.stars and marks and token.stars not in marks:
        right = found[0].number.stars if found[0].number else ""
        values = {"stars": token.stars, "due": " / ".join(sorted(mark or "–" for mark in marks))}
        return _finding(
            passage, token, "stars", "stars_of_row", found[0], count, printed(found[0].value, token) + right, values
        )
    if count > 1:
        return _finding(passage, token, "ambiguous", "", found[0], count)
    why = "half" if found[0].number and is_half(token, found[0].value) else ""
    if not why and found[0].value < 0 and not token.signed:
        why = "sign_in_words"
    return _finding(passage, token, "matched", why, found[0], 1)


def _was_before(token: Token, found: Sequence[Candidate], known: Known) -> bool:
    """Whether the number is one of the earlier run that the results no longer have under its name."""
    if known.previous is None or token.digits < _ENOUGH:
        return False
    earlier = {one.number.key for one in known.previous.find(token, sign=False) if one.number}
    now = {one.number.key for one in found if one.number}
    return bool(earlier) and not earlier & now and not any(one.number is None for one in found)


def _stale(passage: Passage, token: Token, known: Known) -> Finding:
    earlier = [one for one in known.previous.find(token, sign=False) if one.number] if known.previous else []
    now = [known.by_key[one.number.key] for one in earlier if one.number and one.number.key in known.by_key]
    if not now:
        return _finding(passage, token, "stale", "stale_gone", earlier[0], len(earlier))
    expected = printed(now[0].value, token) if len({number.value for number in now}) == 1 else ""
    return _finding(passage, token, "stale", "stale_key", Candidate(now[0].value, number=now[0]), len(now), expected)


def _none(passage: Passage, token: Token, known: Known) -> Finding:
    """A number that none agrees with: perhaps cut off or rounded twice."""
    near = starred(token, known.near(token)) if token.digits > 1 and not token.whole else []
    off = [one for one in near if cut_off(_as(token, one), one.value) or rounded_twice(_as(token, one), one.value)]
    if off and different(off) == 1:
        why = "cut_off" if cut_off(_as(token, off[0]), off[0].value) else "rounded_twice"
        full = f"{off[0].value:.{token.decimals + 3}f}"
        return _finding(passage, token, "misrounded", why, off[0], 1, printed(off[0].value, token), {"full": full})
    return _finding(passage, token, "unmatched", "no_number")


def _as(token: Token, one: Candidate) -> Token:
    """A number with the sign of a candidate where the words say it."""
    return replace(token, value=-token.value) if one.value < 0 < token.value and not token.signed else token


def _bounds(passage: Passage, found: Sequence[Token], findings: dict[int, Finding], known: Known) -> None:
    """``p < 0.01`` beside an estimate that is matched, checked against its p-value."""
    said, last, end = plain(passage.text), None, 0
    for place, token in enumerate(found):
        finding = findings[place]
        number = finding.candidate.number if finding.candidate else None
        if finding.status == "matched" and number is not None and number.what == "estimate":
            last, end = number, token.end
        elif last is not None and _LESS.search(said[: token.start]) and token.start - end < 60:
            p_value = next((one.value for one in known.row(last) if one.what == "p_value"), None)
            if re.search(r"[.。;；]\s", said[end : token.start]) or p_value is None or p_value <= token.value:
                continue
            findings[place] = _finding(
                passage, token, "stars", "p_bound", Candidate(last.value, number=last), 1, f"{p_value:.3g}"
            )


def column_models(groups: Sequence[Group], known: Known) -> list[str]:
    """The model that at least half of the numbers of a table's column agree with."""
    votes: Counter[str] = Counter()
    for group in groups:
        rows = [one.number for one in known.rows_only.find(group.main) if one.number]
        votes.update({row.model for row in rows if all(known.row_has(row, token) for token in group.beside)})
    most = votes.most_common(1)
    return [most[0][0]] if most and 2 * most[0][1] >= len(groups) > 1 else []


def _finding(
    passage: Passage, token: Token, status: Status, why: str = "", candidate: Candidate | None = None, count: int = 0,
    expected: str = "", values: dict[str, str] | None = None,
) -> Finding:  # fmt: skip
    beside = around(passage.text, token)
    return Finding(passage.place, token.text, status, why, candidate, count, expected, beside, values or {})
