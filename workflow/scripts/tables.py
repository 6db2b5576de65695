"""Write every table of a study, and the macros of its numbers."""

from pathlib import Path

from involution.files import reported, write_bytes

with reported(snakemake.log[0]):
    import pandas as pd

    from involution.exhibits.columns import read_results
    from involution.exhibits.tables import build_tables
    from involution.study.study import Exhibits

    study = Exhibits.model_validate(snakemake.params.study)
    files = build_tables(
        study.all_tables,
        study.formulas,
        study.labels,
        read_results(snakemake.input),
        pd.read_parquet(snakemake.input.analysis),
        pd.read_csv(snakemake.input.dictionary, keep_default_na=False),
        formats=snakemake.params.formats,
        languages=snakemake.params.languages,
        sources=snakemake.params.sources,
        citation=snakemake.params.citation,
    )
    for name, content in files.items():
        write_bytes(Path(snakemake.output.folder) / name, content)
