"""Digests change with the code a stage sees and with nothing else; the manifest holds no path of the machine."""

import itertools
import json
import re
import sys

import pytest

from involution import provenance
from involution.provenance import code_digest, manifest, relative_names, versions

COUNTER = itertools.count()
MODULES = {
    "__init__.py": "",
    "first/__init__.py": "",
    "first/work.py": "from involutionN.base import number\n\n\ndef later():\n    import involutionN.inside\n",
    "first/table.csv": "a,b\n1,2\n",
    "first/look.css": "",
    "first/act.js": "",
    "second.py": "from involutionN import base\nfrom typing import TYPE_CHECKING\n"
    "if TYPE_CHECKING:\n    from involutionN.types_only import T\n",
    "base.py": "import os\nfrom involutionN.deep.bottom import x\nnumber = 1\n",
    "deep/__init__.py": "",
    "deep/bottom.py": "x = 1\n",
    "deep/unseen.py": "y = 1\n",
    "inside.py": "",
    "types_only.py": "T = int\n",
    "apart.py": "raise RuntimeError('never run')\n",
}


class Tree:
    """A small package with a name of its own, whose modules can be changed."""

    def __init__(self, folder):
        self.name = f"involution_{next(COUNTER)}_of_test"
        self.folder = folder / self.name
        for path, text in MODULES.items():
            self.write(path, text.replace("involutionN", self.name))

    def write(self, path, text):
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def change(self, path):
        self.write(path, (self.folder / path).read_text(encoding="utf-8") + "# changed\n")

    def digest(self, *entries, extra=()):
        code_digest.cache_clear()
        return code_digest(tuple(f"{self.name}.{entry}" for entry in entries), extra)


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Tree(tmp_path)
    yield made
    code_digest.cache_clear()
    for name in [name for name in sys.modules if name.startswith(made.name)]:
        del sys.modules[name]


SEEN = {
    "first": {"__init__.py", "first/__init__.py", "first/work.py", "first/table.csv", "first/look.css", "first/act.js",
              "base.py", "deep/__init__.py", "deep/bottom.py", "inside.py"},
    "second": {"__init__.py", "second.py", "base.py", "deep/__init__.py", "deep/bottom.py"},
}  # fmt: skip


@pytest.mark.parametrize("entry", sorted(SEEN))
@pytest.mark.parametrize("path", sorted(MODULES))
def test_the_digest_changes_with_what_the_stage_sees_and_with_nothing_else(tree, entry, path):
    before = tree.digest(entry)
    assert tree.digest(entry) == before
    tree.change(path)
    assert (tree.digest(entry) != before) == (path in SEEN[entry])


def test_a_new_module_of_a_package_changes_its_digest(tree):
    before = tree.digest("first")
    tree.write("first/more.py", "")
    assert tree.digest("first") != before


def test_the_lock_is_part_of_the_digest(tree, tmp_path):
    lock = tmp_path / "requirements.lock"
    without = tree.digest("first", extra=(str(lock),))
    lock.write_text("numpy==1", encoding="utf-8")
    one = tree.digest("first", extra=(str(lock),))
    lock.write_text("numpy==2", encoding="utf-8")
    assert len({without, one, tree.digest("first", extra=(str(lock),))}) == 3


def test_reading_imports_runs_no_module(tree):
    assert tree.digest("apart") != tree.digest("inside")
    assert f"{tree.name}.apart" not in sys.modules


def seen_by(*entries):
    """Modules of the library that a stage depends on, as paths."""
    return {path.as_posix().rpartition("/involution/")[2] for path in provenance._closure(entries)}


def test_stages_see_what_they_use_and_no_later_stage():
    panel, models = seen_by("involution.panel"), seen_by("involution.models.blocks")
    measures, exhibits = seen_by("involution.measures"), seen_by("involution.exhibits")
    assert {"panel/build.py", "study/data.py", "study/expressions/functions.py", "errors.py"} <= panel
    assert {"models/linear.py", "models/inference.py", "study/formulas.py"} <= models
    assert not any(path.startswith(("measures/", "models/", "exhibits/")) for path in panel)
    assert not any(path.startswith(("models/", "exhibits/")) for path in measures)
    assert not any(path.startswith("exhibits/") for path in models)
    assert {"exhibits/tables.py", "exhibits/render/latex.py"} <= exhibits


def test_versions_name_what_numbers_come_from():
    found = versions()
    assert {"involution", "python", "numpy", "pandas", "scipy", "statsmodels"} <= set(found)
    assert all(re.match(r"\d", version) for version in found.values())


@pytest.fixture
def written():
    return manifest(
        "mine",
        {"b.csv": "1" * 64, "/home/user/data/a.csv": "2" * 64, "../a folder/企业.csv": "3" * 64},
        {"tables/t.tex": "4" * 64, "estimates/estimates.csv": "5" * 64},
        {"seed": 1, "draws": 99},
        {"panel": "6" * 64},
        "abc",
    )


def test_the_manifest_accounts_for_everything(written):
    assert written["inputs"] == {"../a folder/企业.csv": "3" * 64, "a.csv": "2" * 64, "b.csv": "1" * 64}
    assert list(written["outputs"]) == ["estimates/estimates.csv", "tables/t.tex"]
    assert written["settings"] == {"seed": 1, "draws": 99}
    assert written["code"] == {"commit": "abc", "digests": {"panel": "6" * 64}}
    assert {"versions", "platform", "study"} <= set(written)
    assert json.loads(json.dumps(written, allow_nan=False)) == written


def test_the_manifest_has_no_path_of_the_machine(written):
    def texts(value):
        if isinstance(value, dict):
            for key, item in value.items():
                yield key
                yield from texts(item)
        elif isinstance(value, str):
            yield value

    assert [text for text in texts(written) if text.startswith(("/", "~")) or re.match(r"[A-Za-z]:[\\/]", text)] == []
    assert "/home/user" not in json.dumps(written)


def test_absolute_inputs_of_one_name_are_told_apart():
    inputs = {"a.csv": "1" * 64, "/x/a.csv": "2" * 64, "/y/a.csv": "3" * 64, "/z/a.csv": "1" * 64}
    found = manifest("m", inputs, {}, {}, {}, None)["inputs"]
    assert found == {"a.csv": "1" * 64, "a.csv (222222222222)": "2" * 64, "a.csv (333333333333)": "3" * 64}


def test_outputs_are_named_below_the_results_folder(tmp_path):
    inside = str(tmp_path / "tables" / "t.tex")
    assert relative_names([inside], str(tmp_path)) == {"tables/t.tex": inside}
    with pytest.raises(ValueError, match="not in the subpath"):
        relative_names(["/elsewhere/t.tex"], str(tmp_path))
