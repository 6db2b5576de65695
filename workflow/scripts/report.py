"""Write the report of a study as one page."""

from pathlib import Path

from involution.files import read_json, reported, write_bytes

with reported(snakemake.log[0]):
    import pandas as pd

    from involution.exhibits.columns import read_results
    from involution.exhibits.report import build_report
    from involution.study import parse_study

    results = read_results(snakemake.input)
    page = build_report(
        parse_study(snakemake.params.study),
        results,
        read_json(snakemake.input.panel),
        pd.read_parquet(snakemake.input.analysis),
        pd.read_csv(snakemake.input.dictionary, keep_default_na=False),
        {path.stem: path.read_bytes() for path in sorted(Path(snakemake.input.figures).glob("*.png"))},
        language=snakemake.params.language,
        seed=snakemake.params.seed,
        draws=snakemake.params.draws,
    )
    write_bytes(snakemake.output.page, page)
