# Tables and figures, from the tidy results alone. Which files there are depends on the study, hence whole folders.


rule tables:
    input:
        estimates=rules.gather_estimates.output.estimates,
        statistics=rules.gather_estimates.output.statistics,
        notes=rules.gather_estimates.output.notes,
        analysis=rules.analysis_sample.output.analysis,
        sample=rules.analysis_sample.output.report,
        dictionary=rules.measure.output.dictionary,
    output:
        folder=directory(RESULTS + "/{study}/tables"),
    log:
        RESULTS + "/{study}/logs/tables.log",
    benchmark:
        RESULTS + "/{study}/logs/tables.tsv"
    params:
        study=section("models", "tables", "labels"),
        formats=CONFIG.formats,
        languages=CONFIG.languages,
        code=DIGESTS["exhibits"],
    threads: 1
    resources:
        mem_mb=2000,
    message:
        "{wildcards.study}: tables"
    script:
        "../scripts/tables.py"


rule figures:
    input:
        estimates=rules.gather_estimates.output.estimates,
        analysis=rules.analysis_sample.output.analysis,
        dictionary=rules.measure.output.dictionary,
    output:
        folder=directory(RESULTS + "/{study}/figures"),
    log:
        RESULTS + "/{study}/logs/figures.log",
    benchmark:
        RESULTS + "/{study}/logs/figures.tsv"
    params:
        study=section("figures", "labels"),
        languages=CONFIG.languages,
        code=DIGESTS["exhibits"],
    threads: 1
    resources:
        mem_mb=2000,
    message:
        "{wildcards.study}: figures"
    script:
        "../scripts/figures.py"
