# Two commands for a newcomer: `make embeddings` and `make test`.
PYTHON ?= python3
CORES ?= all
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: embeddings experiment test lint benchmark faults help

help:
	@echo "make embeddings              the demo corpus to results/embeddings.csv"
	@echo "make experiment NAME=opera DATA=folder   an experiment of config/experiments, in runs/NAME"
	@echo "  ... TARGET=results/grid.csv or results/probes.csv   all models of its grid, compared"
	@echo "make test                    every test"
	@echo "make lint                    every linter"
	@echo "make benchmark               results/benchmarks.json"
	@echo "make faults                  a hundred kills and thousands of damaged files, for hours"

$(BIN)/.installed: constraints.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(BIN)/.installed-tests: $(BIN)/.installed
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[test]"
	@touch $@

embeddings: $(BIN)/.installed
	@speckle2vec unlock
	snakemake --cores $(CORES) results/embeddings.csv

experiment: $(BIN)/.installed
	@speckle2vec unlock --folder runs/$(NAME)
	snakemake --cores $(CORES) --directory runs/$(NAME) \
	  --configfile config/experiments/$(NAME).yaml \
	  $(if $(DATA),--config data=$(DATA)) -- $(or $(TARGET),results/embeddings.csv)

test: $(BIN)/.installed-tests
	pytest --numprocesses auto --maxprocesses 4 --dist worksteal

lint: $(BIN)/.installed-tests
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check Snakefile workflow/rules
	lint-imports
	snakemake --lint

benchmark: $(BIN)/.installed-tests
	python -m tests.benchmarks results/benchmarks.json

faults: $(BIN)/.installed-tests
	python -m tests.faults
