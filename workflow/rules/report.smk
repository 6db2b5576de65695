# One page that tells and shows everything, and the manifest that says what it came from.


rule report:
    input:
        panel=rules.build_panel.output.report,
        sample=rules.analysis_sample.output.report,
        dictionary=rules.measure.output.dictionary,
        analysis=rules.analysis_sample.output.analysis,
        estimates=rules.gather_estimates.output.estimates,
        statistics=rules.gather_estimates.output.statistics,
        notes=rules.gather_estimates.output.notes,
        curves=rules.gather_estimates.output.curves,
        truth=rules.gather_estimates.output.truth,
        hypotheses=rules.scoreboard.output.hypotheses,
        adjusted=rules.scoreboard.output.adjusted,
        tables=rules.tables.output.folder,
        figures=rules.figures.output.folder,
    output:
        page=report(
            "<results>/{study}/report/index.html",
            caption="../report/page.rst",
            category="Reports",
            labels={"study": "{study}"},
        ),
        # The first language stands at the top, each other in a folder of its own.
        others=[
            f"<results>/{{study}}/report/{language}/index.html"
            for language in CONFIG.languages[1:]
        ],
    log:
        "<results>/{study}/logs/report.log",
    benchmark:
        "<results>/{study}/logs/report.tsv"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        study=lambda wildcards: STUDIES[wildcards.study].model_dump(
            mode="json", by_alias=True
        ),
        languages=CONFIG.languages,
        seed=CONFIG.seed,
        draws=str(CONFIG.draws),
        code=DIGESTS["report"],
    message:
        "{wildcards.study}: report"
    script:
        "../scripts/report.py"


rule manifest:
    input:
        sources=data_files,
        panel=rules.build_panel.output.report,
        outputs=[
            rules.build_panel.output.panel,
            rules.build_panel.output.events,
            rules.build_panel.output.truth,
            rules.build_panel.output.shares,
            rules.build_panel.output.shocks,
            rules.build_panel.output.report,
            rules.measure.output.measures,
            rules.measure.output.dictionary,
            rules.measure.output.reliability,
            rules.measure.output.index,
            rules.analysis_sample.output.analysis,
            rules.analysis_sample.output.report,
            rules.gather_estimates.output.estimates,
            rules.gather_estimates.output.statistics,
            rules.gather_estimates.output.notes,
            rules.gather_estimates.output.truth,
            rules.gather_estimates.output.curves,
            rules.gather_estimates.output.influence,
            rules.scoreboard.output.hypotheses,
            rules.scoreboard.output.adjusted,
            *rules.report.output,
        ],
        tables=rules.tables.output.folder,
        figures=rules.figures.output.folder,
        portable=rules.portable.output.folder,
    output:
        manifest="<results>/{study}/manifest.json",
    log:
        "<results>/{study}/logs/manifest.log",
    benchmark:
        "<results>/{study}/logs/manifest.tsv"
    threads: 1
    resources:
        mem_mb=500,
    params:
        folder=lambda wildcards: f"{RESULTS}/{wildcards.study}",
        named=lambda wildcards: list(
            source_files(
                STUDIES[wildcards.study].data, STUDIES[wildcards.study].resolve
            )
        ),
        file=lambda wildcards: str(STUDIES[wildcards.study].path),
        repository=workflow.basedir,
        settings=CONFIG.model_dump(
            mode="json", include={"seed", "draws", "formats", "languages"}
        ),
        digests=DIGESTS,
        hypotheses=lambda wildcards: statement_digest(
            STUDIES[wildcards.study].hypotheses
        ),
    message:
        "{wildcards.study}: manifest"
    script:
        "../scripts/manifest.py"
