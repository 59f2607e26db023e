# Two commands do all: `make train` and `make test`. Each sets up .venv first if it must.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Without compiled files each import of torch takes half a minute.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: help setup train test lint types format grid bench docs lock wheel data clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(DEV)  ## make .venv with everything for development

train: $(RUNTIME)  ## train the default experiment (ARGS="KEY=VALUE ..." adds overrides)
	$(BIN)/attnlab train experiment=translation_quickstart $(ARGS)

test: $(DEV)  ## run the tests (ARGS="-k name" picks some)
	$(BIN)/python -m pytest $(ARGS)

lint: $(DEV)  ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)  ## check types, strictly
	$(BIN)/mypy

format: $(DEV)  ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

grid: $(DEV)  ## ask every constructor which mechanism fits where, for src/attnlab/grid.json
	$(BIN)/python -m attnlab.grid

bench: $(DEV)  ## measure speed and memory against peers, for benchmarks/results/ (half an hour, best alone)
	$(BIN)/python -m benchmarks attention-time $(ARGS) --json benchmarks/results/attention-time.json
	$(BIN)/python -m benchmarks attention-memory $(ARGS) --json benchmarks/results/attention-memory.json

docs: $(DEV)  ## write docs/reference/ from docstrings, configuration and measurements
	$(BIN)/python scripts/build_docs.py

wheel: $(DEV)  ## build dist/*.whl, which carries the configuration and the bundled data
	$(BIN)/python -m build --wheel --no-isolation

data: $(DEV)  ## build the bundled data again from Debian's packages (needs apt)
	$(BIN)/python scripts/build_bible_en_es.py

lock:  ## pin every dependency with hashes (no addresses) in requirements*.lock
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet uv
	$(VENV)-lock/bin/uv pip compile pyproject.toml --extra build $(COMPILE) -o requirements.lock
	$(VENV)-lock/bin/uv pip compile pyproject.toml --extra build --extra dev -c requirements.lock $(COMPILE) -o requirements-dev.lock

COMPILE := --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock"

clean:  ## remove the environment and everything built
	rm -rf $(VENV) $(VENV)-lock build dist .pytest_cache .mypy_cache .ruff_cache

$(RUNTIME): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"error: Python 3.11 to 3.13 is needed, got {v[0]}.{v[1]} (set PYTHON=python3.12)")'
	@echo "setting up $(VENV): a few minutes and 6 GB the first time"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements-dev.lock $(RUNTIME)
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
