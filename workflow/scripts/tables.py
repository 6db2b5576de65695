"""Write every table of a study, the macros of its numbers, and the documents of all exhibits."""

from pathlib import Path

from involution.files import reported, write_bytes

with reported(snakemake.log[0]):
    import pandas as pd

    from involution.exhibits.columns import read_results
    from involution.exhibits.documents.build import build_documents
    from involution.exhibits.tables import build_tables
    from involution.study.base import Bilingual
    from involution.study.study import Exhibits

    study = Exhibits.model_validate(snakemake.params.study)
    named, asked = (
        snakemake.params.named,
        {"formats": snakemake.params.formats, "languages": snakemake.params.languages},
    )
    title = Bilingual.model_validate(named["title"] or {"en": named["name"]})
    found = (
        read_results(snakemake.input),
        pd.read_parquet(snakemake.input.analysis),
        pd.read_csv(snakemake.input.dictionary, keep_default_na=False),
    )
    pictures = Path(snakemake.input.figures)
    drawn = {path.relative_to(pictures).as_posix(): path.read_bytes() for path in sorted(pictures.rglob("*.png"))}
    told = {"sources": snakemake.params.sources, "citation": snakemake.params.citation}
    files = build_tables(study.all_tables, study.formulas, study.labels, *found, **asked, **told)
    files |= build_documents(study, title, *found, drawn, **asked)
    for name, content in files.items():
        write_bytes(Path(snakemake.output.folder) / name, content)
