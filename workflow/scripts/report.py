"""Write the report of a study, a page a language."""

from pathlib import Path

from involution.files import read_json, reported, write_bytes

with reported(snakemake.log[0]):
    import pandas as pd

    from involution.exhibits.columns import read_results
    from involution.exhibits.report import build_reports
    from involution.study import parse_study

    figures = Path(snakemake.input.figures)
    pages = build_reports(
        parse_study(snakemake.params.study),
        read_results(snakemake.input),
        read_json(snakemake.input.panel),
        pd.read_parquet(snakemake.input.analysis),
        pd.read_csv(snakemake.input.dictionary, keep_default_na=False),
        {path.relative_to(figures).as_posix(): path.read_bytes() for path in sorted(figures.rglob("*.png"))},
        languages=snakemake.params.languages,
        seed=snakemake.params.seed,
        draws=snakemake.params.draws,
    )
    folder = Path(snakemake.output.page).parent
    # Pages of an earlier run, in languages that are asked for no longer.
    for page in sorted({*folder.rglob("index.html")} - {folder / name for name in pages}):
        page.unlink()
    for name, content in pages.items():
        write_bytes(folder / name, content)
