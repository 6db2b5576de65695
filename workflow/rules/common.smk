# Configuration and studies, checked before any job starts; what every rule file uses.
import os
import shutil
import sys
import time
from pathlib import Path

from involution.errors import InputError
from involution.files import MARK
from involution.provenance import code_digest
from involution.study import load_config, load_study
from involution.study.adjusted import adjusted_asked
from involution.study.hypotheses import statement_digest
from involution.study.sections import BLOCK_SECTIONS
from involution.study.sources import source_files, sources_of

STARTED = time.time()

# One thread for linear algebra: the number of cores must not change digits.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"


def load_studies(paths):
    """Studies by name; every mistake of every file is reported together."""
    studies, problems = {}, []
    for path in paths:
        try:
            study = load_study(path)
            source_files(study.data, study.resolve)
            if study.name in studies:
                raise InputError(
                    f"{path}: the name '{study.name}' is taken by {studies[study.name].path}"
                )
            studies[study.name] = study
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return studies


try:
    CONFIG = load_config(config, "config")
    STUDIES = load_studies(CONFIG.studies)
except InputError as error:
    print(f"{MARK}{error}", file=sys.stderr, flush=True)
    # Not an exception: nothing may follow the message, and no job has started.
    os._exit(1)

RESULTS = str(Path(CONFIG.results))
# The sections that some block of estimates uses.
ESTIMATED = sorted({name for names in BLOCK_SECTIONS.values() for name in names})
LOCK = str(Path(workflow.basedir) / "requirements.lock")
CITED = str(Path(workflow.basedir) / "data/citations.csv")
OWN_TABLES = sorted(
    {str(path) for path in Path(workflow.basedir).glob("data/*.csv")} - {CITED}
)
STAGES = {
    "panel": ("involution.panel", "involution.files"),
    "measures": ("involution.measures", "involution.files"),
    "models": ("involution.models.run", "involution.files"),
    "scoreboard": (
        "involution.models.scoreboard",
        "involution.models.adjusted",
        "involution.files",
    ),
    "exhibits": ("involution.exhibits", "involution.files"),
    "portable": ("involution.portable", "involution.files"),
    "report": (
        "involution.exhibits.report",
        "involution.exhibits.report_assets",
        "involution.provenance",
        "involution.files",
    ),
}
DIGESTS = {
    stage: code_digest(
        entries,
        (LOCK, *OWN_TABLES, *([CITED] if stage in ("exhibits", "report") else [])),
    )
    for stage, entries in STAGES.items()
}


pathvars:
    results=RESULTS,


wildcard_constraints:
    study="|".join(STUDIES),
    block="|".join(BLOCK_SECTIONS),


def section(*names):
    """A rule's own sections of the study, as plain data: editing another section does not re-run it."""
    return lambda wildcards: STUDIES[wildcards.study].model_dump(
        mode="json", by_alias=True, include=set(names)
    )


def block_sections(wildcards):
    """The sections of the study that a block uses."""
    return section(*BLOCK_SECTIONS[wildcards.block])(wildcards)


def blocks_of(pattern):
    """A block's file for every block that the study has."""
    return lambda wildcards: expand(
        pattern, study=wildcards.study, block=STUDIES[wildcards.study].blocks
    )


def data_files(wildcards):
    """The files that a study's data come from; simulated tables are made when they are read."""
    study = STUDIES[wildcards.study]
    return [str(path) for path in source_files(study.data, study.resolve).values()]


def tell_user_where():
    """The last lines of a run that succeeded: where the reports are."""
    pages = [f"{MARK}{RESULTS}/{study}/report/index.html" for study in STUDIES]
    print("\n".join(pages), file=sys.stderr, flush=True)


def tell_user_why():
    """The last lines of a failed run: what the jobs that failed had to say. Nothing finished-looking is left."""
    said = []
    for log in sorted(Path(RESULTS).glob("*/logs/*.log")):
        text = log.read_text(encoding="utf-8")
        if log.stat().st_mtime >= STARTED and text.startswith(MARK):
            study = log.parent.parent.name
            said.append(f"{MARK}study {study}\n{text.removeprefix(MARK).rstrip()}")
            remove_exhibits(Path(RESULTS) / study)
    said = said or [f"{MARK}the run stopped; Snakemake's log above says where"]
    print("\n" + "\n".join(said), file=sys.stderr, flush=True)
    # Every job has ended; without this Snakemake's own summary would follow and bury the message.
    os._exit(1)


def remove_exhibits(folder):
    """Tables, figures, scripts, report and manifest of an earlier run, which a failed one has made out of date."""
    for name in ("tables", "figures", "portable", "report"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "manifest.json").unlink(missing_ok=True)
