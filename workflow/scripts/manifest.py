"""Write down what a study's results came from."""

import subprocess
from pathlib import Path

from involution.files import read_json, reported, sha256, write_json

with reported(snakemake.log[0]):
    from involution.provenance import check_unchanged, manifest, relative_names
    from involution.study.sources import SIMULATED

    study_file = Path(snakemake.params.file)
    read = {source["source"]: source["sha256"] for source in read_json(snakemake.input.panel)["sources"]}
    now = dict(zip(snakemake.params.named, map(sha256, snakemake.input.sources), strict=True))
    # Simulated tables are no files and cannot change; their hashes stand in the panel's report.
    check_unchanged({name: digest for name, digest in read.items() if not name.startswith(SIMULATED)}, now)
    paths = [*map(str, snakemake.input.outputs)]
    for folder in (snakemake.input.tables, snakemake.input.figures, snakemake.input.portable):
        paths += [str(path) for path in Path(folder).rglob("[!.]*") if path.is_file()]
    outputs = {name: sha256(path) for name, path in relative_names(paths, snakemake.params.folder).items()}
    describe = ["git", "-C", snakemake.params.repository, "describe", "--always", "--dirty"]
    git = subprocess.run(describe, capture_output=True, text=True, check=False)
    content = manifest(
        snakemake.wildcards.study,
        {**read, study_file.name: sha256(study_file)},
        outputs,
        snakemake.params.settings,
        snakemake.params.digests,
        git.stdout.strip() or None,
        snakemake.params.hypotheses,
    )
    write_json(snakemake.output.manifest, content)
