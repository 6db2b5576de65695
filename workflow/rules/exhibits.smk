# Tables and figures, from the tidy results alone. Which files there are depends on the study, hence whole folders.


rule figures:
    input:
        estimates=rules.gather_estimates.output.estimates,
        statistics=rules.gather_estimates.output.statistics,
        notes=rules.gather_estimates.output.notes,
        curves=rules.gather_estimates.output.curves,
        truth=rules.gather_estimates.output.truth,
        hypotheses=rules.scoreboard.output.hypotheses,
        adjusted=rules.scoreboard.output.adjusted,
        analysis=rules.analysis_sample.output.analysis,
        sample=rules.analysis_sample.output.report,
        dictionary=rules.measure.output.dictionary,
    output:
        folder=report(
            directory("<results>/{study}/figures"),
            patterns=["{name}.png"],
            caption="../report/figure.rst",
            category="Figures",
            subcategory="{study}",
            labels={"figure": "{name}"},
        ),
    log:
        "<results>/{study}/logs/figures.log",
    benchmark:
        "<results>/{study}/logs/figures.tsv"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        study=section("figures", "labels"),
        languages=CONFIG.languages,
        code=DIGESTS["exhibits"],
    message:
        "{wildcards.study}: figures"
    script:
        "../scripts/figures.py"


# After the figures, which all.docx and all.tex hold as well.
rule tables:
    input:
        estimates=rules.gather_estimates.output.estimates,
        statistics=rules.gather_estimates.output.statistics,
        notes=rules.gather_estimates.output.notes,
        curves=rules.gather_estimates.output.curves,
        truth=rules.gather_estimates.output.truth,
        hypotheses=rules.scoreboard.output.hypotheses,
        adjusted=rules.scoreboard.output.adjusted,
        analysis=rules.analysis_sample.output.analysis,
        sample=rules.analysis_sample.output.report,
        dictionary=rules.measure.output.dictionary,
        figures=rules.figures.output.folder,
    output:
        folder=report(
            directory("<results>/{study}/tables"),
            patterns=["{name}.html"],
            caption="../report/table.rst",
            category="Tables",
            subcategory="{study}",
            labels={"table": "{name}"},
        ),
    log:
        "<results>/{study}/logs/tables.log",
    benchmark:
        "<results>/{study}/logs/tables.tsv"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        study=section(
            "truth", "hypotheses", "tables", "style", "figures", "labels", *ESTIMATED
        ),
        named=section("name", "title"),
        formats=CONFIG.formats,
        languages=CONFIG.languages,
        sources=lambda wildcards: list(sources_of(STUDIES[wildcards.study].data)),
        citation=lambda wildcards: STUDIES[wildcards.study].citation or "",
        code=DIGESTS["exhibits"],
    message:
        "{wildcards.study}: tables"
    script:
        "../scripts/tables.py"


# The same tables as scripts for other programs, with the data that they read.
rule portable:
    input:
        regressions=blocks_of(rules.estimate.output.regressions),
        columns=blocks_of(rules.estimate.output.columns),
        estimates=rules.gather_estimates.output.estimates,
        dictionary=rules.measure.output.dictionary,
    output:
        folder=directory("<results>/{study}/portable"),
    log:
        "<results>/{study}/logs/portable.log",
    benchmark:
        "<results>/{study}/logs/portable.tsv"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        study=section("truth", "hypotheses", "tables", "labels", *ESTIMATED),
        languages=CONFIG.languages,
        code=DIGESTS["portable"],
    message:
        "{wildcards.study}: scripts for Stata and R"
    script:
        "../scripts/portable.py"
