# Everything a newcomer, a colleague and CI run. Needs make and Python 3.11 or newer; `make` alone lists the targets.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --constraint constraints.txt
PINS := pyproject.toml constraints.txt

# Each stamp says that a set of packages is installed as pyproject.toml and constraints.txt have it now.
RUNTIME := .venv/.installed
DEV := .venv/.installed-dev
BENCH := .venv/.installed-bench

.DEFAULT_GOAL := help
.PHONY: help install kernels demo up test test-slow lint style types imports page docs bench sample clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | while IFS="$$(printf '\t')" read -r target does; do \
		printf '  make %-10s %s\n' "$$target" "$$does"; done

$(RUNTIME): $(PINS)
	@test -n "$(PYTHON)" || { echo 'boxscore needs Python 3.11 or newer on the path; make PYTHON=/path/to/python names one' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '$(PYTHON) is older than Python 3.11' >&2; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || { echo 'making .venv'; $(PYTHON) -m venv --clear .venv; }
	@echo 'installing the pinned packages into .venv (about a minute the first time)'
	@$(PIP) --editable .
	@touch $@

$(DEV): $(RUNTIME)
	@echo 'installing the development packages into .venv'
	@$(PIP) --editable '.[dev]'
	@touch $@

$(BENCH): $(RUNTIME)
	@echo 'installing the packages compared with into .venv'
	@$(PIP) --editable '.[bench]'
	@touch $@

# Whoever comes first waits for numba to compile the kernels: better here than in a test or a benchmark.
kernels: $(RUNTIME)
	@$(BIN)/python -m deployments.warm

install: kernels  ## make .venv with everything that running needs

demo: $(RUNTIME)  ## evaluate the sample as Prefect flows on a server of its own, and stop it
	@$(BIN)/python -m deployments.demo

up: kernels  ## Prefect server, UI, deployments and worker, until Ctrl-C
	@$(BIN)/boxscore up $(if $(PORT),--port $(PORT))

test: $(DEV) kernels  ## the test suite without its slow tests
	$(BIN)/python -m pytest -n 2 --dist worksteal -m 'not slow'

test-slow: $(DEV) kernels  ## the slow tests: real servers, kills, large inputs
	$(BIN)/python -m pytest -m slow

lint: style types imports page  ## ruff, mypy --strict, import rules, and whether docs/tables.md is current

style: $(DEV)
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .

types: $(DEV)
	$(BIN)/mypy
	$(BIN)/mypy $(wildcard benchmarks/*.py)
	$(BIN)/mypy $(wildcard data/*.py)

imports: $(DEV)
	$(BIN)/lint-imports

page: $(RUNTIME)
	@$(BIN)/python -m tasks.tables | diff -q docs/tables.md - >/dev/null || { echo 'docs/tables.md is out of date: make docs' >&2; exit 1; }

docs: $(RUNTIME)  ## write docs/tables.md from the declarations of tables and columns
	$(BIN)/python -m tasks.tables > docs/tables.md.new && mv docs/tables.md.new docs/tables.md

bench: $(BENCH) kernels  ## compare speed with other evaluators; writes benchmarks/RESULTS.md
	$(BIN)/python benchmarks/run.py

sample: $(RUNTIME)  ## write data/sample anew; the same seed gives the same bytes
	$(BIN)/python data/make_sample.py

clean:  ## remove .venv, .prefect, caches and generated benchmark files; data/store stays
	rm -rf .venv .prefect .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build *.egg-info benchmarks/files
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
