"""Draw every figure of a study."""

from pathlib import Path

from involution.files import reported, write_bytes

with reported(snakemake.log[0]):
    import pandas as pd

    from involution.exhibits.columns import read_results
    from involution.exhibits.figures import build_figures
    from involution.study.study import Exhibits

    study = Exhibits.model_validate(snakemake.params.study)
    files = build_figures(
        study.figures,
        study.labels,
        read_results(snakemake.input),
        pd.read_parquet(snakemake.input.analysis),
        pd.read_csv(snakemake.input.dictionary, keep_default_na=False),
        languages=snakemake.params.languages,
    )
    # A study may have nothing to draw: the folder says so by being empty.
    Path(snakemake.output.folder).mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_bytes(Path(snakemake.output.folder) / name, content)
