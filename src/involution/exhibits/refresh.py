"""A paper's fields set to what the results now say."""

from __future__ import annotations

from dataclasses import dataclass

from involution.errors import InputError, Problem, nearest
from involution.exhibits.numbers import Numbers
from involution.exhibits.numbers_files import DIGEST, digest, shown_in_word
from involution.exhibits.properties import fields_of, opened, properties, with_properties

_OURS = "involution"


@dataclass(frozen=True)
class Refreshed:
    """A paper after its fields were set.

    Attributes
    ----------
    content : bytes
    fields : int
        Fields that show numbers of the results.
    changed : tuple of (str, str, str)
        Name, what the paper showed and what it shows now, of each field that changed.
    """

    content: bytes
    fields: int
    changed: tuple[tuple[str, str, str], ...]


def refreshed(content: bytes, numbers: Numbers, where: str) -> Refreshed:
    """A Word document whose properties and fields hold the numbers of the results; nothing else is touched.

    Parameters
    ----------
    content : bytes
    numbers : Numbers
    where : str
        The document's name, for messages.

    Raises
    ------
    InputError
        When it is no Word document, or has fields of numbers that the results do not have.
    """
    archive = opened(content, where)
    known = {number.key: shown_in_word(number) for number in numbers.every}
    found = [field for field in fields_of(archive) if field.name.startswith(_OURS) and field.name != DIGEST]
    unknown = list(dict.fromkeys(field.name for field in found if field.name not in known))
    if unknown:
        rows = tuple(f"{name}{nearest(name, known)}" for name in unknown[:10])
        what = f"{len(unknown)} names of fields are not among the numbers of the results"
        mend = "correct or remove these fields, or give the results of the study that they are of"
        raise InputError(Problem(where, what, rows, mend))
    held = [name for name in properties(archive) if name in known]
    names = dict.fromkeys([*(field.name for field in found), *held])
    values = {name: known[name] for name in names} | {DIGEST: digest(numbers)}
    changed = tuple((field.name, field.shown, known[field.name]) for field in found if field.shown != known[field.name])
    return Refreshed(with_properties(content, values, where), len(found), changed)
