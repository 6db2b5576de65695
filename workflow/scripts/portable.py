"""Write the scripts that repeat the tables with Stata and R, and their data."""

from pathlib import Path

from involution.files import reported, write_bytes

with reported(snakemake.log[0]):
    import pandas as pd

    from involution.exhibits.columns import read_estimates
    from involution.exhibits.labels import labels_for
    from involution.models.recorded import read_regressions
    from involution.panel.columns import canonical_columns
    from involution.portable.build import build_portable
    from involution.study.study import Exhibits

    study = Exhibits.model_validate(snakemake.params.study)
    dictionary = pd.read_csv(snakemake.input.dictionary, keep_default_na=False)
    asked, columns = snakemake.input.regressions, snakemake.input.columns
    files = build_portable(
        snakemake.wildcards.study,
        study.all_tables,
        read_estimates(snakemake.input.estimates),
        [(read_regressions(one), pd.read_parquet(other)) for one, other in zip(asked, columns, strict=True)],
        [
            labels_for(language, study.labels, dictionary, canonical_columns())
            for language in snakemake.params.languages
        ],
    )
    for name, content in files.items():
        write_bytes(Path(snakemake.output.folder) / name, content)
