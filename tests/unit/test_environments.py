"""Files that describe environments agree with the project: what they name exists, versions are those it supports."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def supported(version: str) -> bool:
    low, high = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["requires-python"]).groups()
    major, minor = version.split(".")
    return major == "3" and int(low) <= int(minor) < int(high)


def test_the_image_is_made_from_what_is_there():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert supported(re.search(r"^FROM python:([\d.]+)-slim$", text, flags=re.M)[1])
    copied = re.search(r"^COPY (.+) \./$", text, flags=re.M)[1].split()
    assert all((ROOT / name).is_file() for name in copied)
    assert "--require-hashes -r requirements.lock" in text


def test_the_image_takes_no_results_and_no_history():
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".venv", "results", ".snakemake"} <= set(left_out)
    assert not {"src", "studies", "workflow", "data", "Snakefile", "config.yaml"} & set(left_out)


def test_the_conda_environment_takes_the_lock():
    found = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert found["name"] == "involution"
    plain = [entry for entry in found["dependencies"] if isinstance(entry, str)]
    (python,) = [entry for entry in plain if entry.startswith("python=")]
    assert supported(python.removeprefix("python="))
    (packages,) = [entry["pip"] for entry in found["dependencies"] if isinstance(entry, dict)]
    assert packages == ["--require-hashes", "--requirement requirements.lock"]


def test_the_catalog_entry_has_the_form_it_asks_for():
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text(encoding="utf-8"))["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}
    assert set(usage["software-stack-deployment"]) == {"conda", "singularity", "singularity+conda"}


def test_the_image_of_the_snakefile_is_the_one_its_page_builds():
    (image,) = re.findall(r'^container: "(.+)"$', (ROOT / "Snakefile").read_text(encoding="utf-8"), flags=re.M)
    assert f"apptainer build {image} docker-archive:" in (ROOT / "docs/environments.md").read_text(encoding="utf-8")
