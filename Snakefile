# Involution: from a firm panel to the paper's tables.
# One rule file per stage; data flows one way: panel, measures, estimates, exhibits, report.


configfile: "config.yaml"


# The head of what `snakemake --report` writes.
report: "workflow/report/workflow.rst"


# The image that `--software-deployment-method apptainer` uses (docs/environments.md says how it is built).
container: "involution.sif"


include: "workflow/rules/common.smk"
include: "workflow/rules/panel.smk"
include: "workflow/rules/measures.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/exhibits.smk"
include: "workflow/rules/report.smk"


localrules:
    all,


# Everything, for every study of the configuration.
rule all:
    default_target: True
    input:
        expand("<results>/{study}/manifest.json", study=STUDIES),


onsuccess:
    tell_user_where()


onerror:
    tell_user_why()
