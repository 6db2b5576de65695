"""Write down what a study's results came from."""

import subprocess
from pathlib import Path

from involution.files import reported, sha256, write_json

with reported(snakemake.log[0]):
    from involution.provenance import manifest, relative_names

    study_file = Path(snakemake.params.file)
    inputs = dict(zip(snakemake.params.named, map(sha256, snakemake.input.sources), strict=True))
    paths = [*map(str, snakemake.input.outputs)]
    for folder in (snakemake.input.tables, snakemake.input.figures):
        paths += [str(path) for path in Path(folder).rglob("*") if path.is_file()]
    outputs = {name: sha256(path) for name, path in relative_names(paths, snakemake.params.folder).items()}
    git = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    content = manifest(
        snakemake.wildcards.study,
        {**inputs, study_file.name: sha256(study_file)},
        outputs,
        snakemake.params.settings,
        snakemake.params.digests,
        git.stdout.strip() or None,
    )
    write_json(snakemake.output.manifest, content)
