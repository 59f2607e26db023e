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
BROWSER := $(VENV)/.browser-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# torchtext's last version needs an older torch, which has no build for Python 3.13: an environment of its own.
PYTHON_TORCHTEXT ?= $(PYTHON)
VENV_TORCHTEXT ?= .venv-torchtext
TORCHTEXT := $(VENV_TORCHTEXT)/.torchtext-installed
PIP_TORCHTEXT := $(VENV_TORCHTEXT)/bin/python -m pip --disable-pip-version-check install --quiet
# A test that waits leaves its core to the other. One at a time: ARGS="-n 0".
TWO := -n 2 --dist worksteal

.PHONY: help setup train test test-grid test-errors test-export test-faults test-configurations test-docs setup-torchtext test-torchtext setup-zsh setup-slurm test-slurm setup-browser test-browser coverage mutation lint types format grid bench docs lock audit wheel data clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 17

setup: $(DEV)  ## make .venv with everything for development

train: $(RUNTIME)  ## train the default experiment (ARGS="KEY=VALUE ..." adds overrides)
	$(BIN)/attnlab train experiment=translation_quickstart $(ARGS)
	@printf '\n%s\n%s\n' 'attnlab lies in $(BIN). Once in each terminal: source $(BIN)/activate' 'Then the commands of README.md work as shown; without it write $(BIN)/attnlab for attnlab.'

test: $(DEV)  ## run the tests (ARGS="-k name" picks some)
	$(BIN)/python -m pytest $(TWO) $(ARGS)

test-grid: $(DEV)  ## train every mechanism in every model that takes it (the other tests train it in one)
	$(BIN)/python -m pytest $(TWO) -m grid tests/commands/list/test_grid.py $(ARGS)

test-errors: $(DEV)  ## simulate thousands of studies from raw scores: how often are verdicts false?
	$(BIN)/python -m pytest $(TWO) -m errors tests/study/statistics $(ARGS)

test-export: $(DEV)  ## export every model and every mechanism (the other tests export a few)
	$(BIN)/python -m pytest $(TWO) -m export tests/commands/export $(ARGS)

test-faults: $(DEV)  ## have real faults befall runs, from full disks to nonsense in 500 configurations (needs root for some; the other tests run a few)
	$(BIN)/python -m pytest $(TWO) -m faults $(ARGS)

test-configurations: $(DEV)  ## change one value of 2,000 configurations, often to nonsense: what neither trains nor is refused in a line
	$(BIN)/python tests/processes/configurations.py --cases 2000 $(ARGS)

test-docs: $(DEV)  ## run every command of the READMEs and docs, those that train for two updates (the other tests run the quick ones)
	ATTNLAB_TEST_DOCS=1 $(BIN)/python -m pytest $(TWO) tests/project/test_pages.py tests/project/test_page_training.py $(ARGS)

setup-torchtext: $(TORCHTEXT)  ## make .venv-torchtext for tokenizer=torchtext (Python 3.11 or 3.12)

test-torchtext: $(TORCHTEXT)  ## run what another torch may change, with torchtext and its torch (ARGS="-k name" picks some)
	$(VENV_TORCHTEXT)/bin/python -m pytest $(TWO) --torchtext 30 -m "text or torchtext" $(ARGS)

setup-slurm:  ## install SLURM by apt, if it isn't there (needs root)
	PATH="$$PATH:/usr/sbin" command -v sbatch slurmd munged >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends slurm-wlm slurm-wlm-basic-plugins munge; }

test-slurm: $(DEV) setup-slurm  ## run jobs on a SLURM that is brought up here for them (needs root)
	ATTNLAB_TEST_SLURM=1 $(BIN)/python -m pytest tests/launch/slurm $(ARGS)

setup-zsh:  ## install zsh by apt, if it isn't there, in which completion is tested besides bash (needs root)
	command -v zsh >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends zsh; }

setup-browser: $(BROWSER)  ## add to .venv what drives a browser, and by apt Chromium and a Chinese font, if they aren't there (needs root)
	command -v chromium >/dev/null && fc-list :lang=zh | grep -q . || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-droid-fallback; }

test-browser: setup-browser  ## use every page in a headless Chromium; what it saw lies in outputs/browser
	ATTNLAB_TEST_BROWSER=1 $(BIN)/python -m pytest $(TWO) tests/browser $(ARGS)

# Python tells itself which lines run since 3.12, which costs next to nothing.
coverage: $(DEV)  ## run the tests and tell which lines of src they run: 92 % of all, or it fails
	rm -rf outputs/coverage
	mkdir outputs/coverage
	COVERAGE_CORE=$$($(BIN)/python -c 'import sys; print("sysmon" if sys.version_info >= (3, 12) else "ctrace")') \
		$(BIN)/python -m coverage run -m pytest $(TWO) $(ARGS)
	$(BIN)/python -m coverage combine --quiet
	status=0; $(BIN)/python -m coverage report > outputs/coverage/report.txt || status=$$?; \
		sed -n '1,42p' outputs/coverage/report.txt; tail -n 2 outputs/coverage/report.txt; exit $$status

mutation: $(DEV)  ## change the code in 200 places, one at a time: do its tests notice? (an hour)
	$(BIN)/python tests/processes/mutation.py $(ARGS)

lint: $(DEV)  ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)  ## check types, strictly
	$(BIN)/mypy

format: $(DEV)  ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

grid: $(DEV)  ## ask every constructor which mechanism fits where, for src/attnlab/config/grid.json
	$(BIN)/python -m attnlab.commands.list.grid

bench: $(DEV)  ## measure speed and memory against peers, for benchmarks/results/ (an hour, best alone)
	$(BIN)/python -m benchmarks attention-time $(ARGS) --json benchmarks/results/attention-time.json
	$(BIN)/python -m benchmarks attention-memory $(ARGS) --json benchmarks/results/attention-memory.json
	$(BIN)/python -m benchmarks recurrent-states $(ARGS) --json benchmarks/results/recurrent-states.json
	$(BIN)/python -m benchmarks sibling-attention $(ARGS) --json benchmarks/results/sibling-attention.json
	$(BIN)/python -m benchmarks feature-attention $(ARGS) --json benchmarks/results/feature-attention.json

docs: $(DEV)  ## write docs/reference/ and the READMEs' tables of mechanisms from docstrings, configuration and measurements
	$(BIN)/python scripts/build_docs.py

wheel: $(DEV)  ## build dist/*.whl, which carries the configuration and the bundled data
	$(BIN)/python -m build --wheel --no-isolation

data: $(DEV)  ## build the bundled data again from Debian's packages (needs apt)
	$(BIN)/python scripts/build_bible_en_es.py

lock:  ## pin every dependency with hashes (no addresses) in requirements*.lock
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet uv
	printf '%s\n' $(TORCH) | $(COMPILE) --extra build -c - -o requirements.lock
	$(COMPILE) --extra build --extra dev -c requirements.lock -o requirements-dev.lock
	$(EXTRA_BROWSER) | $(PIN) - -c requirements-dev.lock -o requirements-browser.lock
	printf '%s\n' $(TORCHTEXT_TORCH) | $(COMPILE) --extra build --extra test --extra torchtext -c - -o requirements-torchtext.lock

audit:  ## ask for known vulnerabilities of all that the locks pin
	$(PYTHON) -m venv $(VENV)-audit
	$(VENV)-audit/bin/python -m pip install --quiet pip-audit
	$(VENV)-audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements.lock -r requirements-dev.lock -r requirements-browser.lock
	$(VENV)-audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements-torchtext.lock

# The locks' exact versions: pyproject.toml's bounds serve both environments.
TORCH := torch==2.14.1 torchvision==0.29.1
TORCHTEXT_TORCH := torch==2.3.1 torchvision==0.18.1
PIN = $(VENV)-lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock"
COMPILE = $(PIN) pyproject.toml
# Only what it adds, so that the lock of what it is added to may change.
EXTRA_BROWSER = $(VENV)-lock/bin/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["browser"], sep="\n")'

clean:  ## remove the environments and everything built
	rm -rf $(VENV) $(VENV)-lock $(VENV_TORCHTEXT) build dist .pytest_cache .mypy_cache .ruff_cache

$(RUNTIME): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: no $(PYTHON) is found (set PYTHON=python3.12, or another from 3.11 to 3.13)"; exit 2; }
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"error: Python 3.11 to 3.13 is needed, got {v[0]}.{v[1]} (set PYTHON=python3.12)")'
	@echo "setting up $(VENV): a few minutes and 6 GB the first time"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements-dev.lock $(RUNTIME)
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

$(BROWSER): requirements-browser.lock $(DEV)
	$(PIP) --require-hashes -r requirements-browser.lock
	@touch $@

$(TORCHTEXT): requirements-torchtext.lock pyproject.toml
	@$(PYTHON_TORCHTEXT) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 13) else f"error: torchtext needs Python 3.11 or 3.12, got {v[0]}.{v[1]} (set PYTHON_TORCHTEXT=python3.12)")'
	@echo "setting up $(VENV_TORCHTEXT): a few minutes and 5 GB the first time"
	test -x $(VENV_TORCHTEXT)/bin/python || $(PYTHON_TORCHTEXT) -m venv $(VENV_TORCHTEXT)
	$(PIP_TORCHTEXT) --require-hashes -r requirements-torchtext.lock
	$(PIP_TORCHTEXT) --no-deps --no-build-isolation -e .
	@touch $@
