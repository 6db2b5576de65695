# Every task of the project; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORES ?= all

.PHONY: help setup reproduce test check check-slow bench docs clean
.DEFAULT_GOAL := help

help:  ## list the tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(VENV)/.installed  ## create .venv from the lock

reproduce: setup  ## build every study: tables, figures, reports under results/
	$(BIN)/snakemake --cores $(CORES)

test: setup  ## run the fast tests, on all cores
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

check: setup  ## formatting, lint, types, and whether generated files are up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint
	$(BIN)/mypy
	$(BIN)/involution schema --check

check-slow: setup  ## the long simulations, five hundred draws of each tier; writes docs/acceptance.md
	$(BIN)/python -m pytest -m slow

bench: setup  ## speed and memory beside other packages
	$(BIN)/python benchmarks/run.py

docs: setup  ## write the generated schemas and pages
	$(BIN)/involution schema

clean:  ## remove the results and the environment
	rm -rf results $(VENV) .snakemake
