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

# What is said is Chinese where the locale of messages is, as attnlab's own is (src/attnlab/language.py).
LOCALE := $(or $(LC_ALL),$(LC_MESSAGES),$(LANG),C)
SPOKEN := $(firstword $(if $(filter C C.% POSIX,$(LOCALE)),C,$(subst :, ,$(LANGUAGE)) $(LOCALE)))
CHARSET := $(word 2,$(subst ., ,$(firstword $(subst @, ,$(LOCALE)))))
IN := $(if $(and $(filter zh zh_% zh-% zh.%,$(SPOKEN)),$(filter UTF-8 utf-8 UTF8 utf8,$(or $(CHARSET),UTF-8))),zh,en)
SETTING_UP_en = setting up $(1): a few minutes and $(2) GB the first time
SETTING_UP_zh = 正在建立 $(1)：第一次要几分钟，占 $(2) GB
HERE_en = attnlab lies in $(BIN). Once in each terminal: source $(BIN)/activate
HERE_zh = attnlab 在 $(BIN) 里。每个终端先运行一次：source $(BIN)/activate
THEN_en = Then the commands of README.md work as shown; without it write $(BIN)/attnlab for attnlab.
THEN_zh = 之后 README.zh.md 中的命令就能照写；不这样做时，把 attnlab 写成 $(BIN)/attnlab。

# What attnlab or pytest is given stands in ARGS: given to make itself, it would be a variable that nothing reads. Those
# of this file, and of the environment, are in capitals. Make has them last first, with \ before a space.
STRAY := $(if $(MAKEOVERRIDES),$(shell printf '%s' '$(subst ','\'',$(subst $$$$,$$,$(MAKEOVERRIDES)))' | awk '{ \
	gsub(/\\ /, "\001"); \
	for (i = split($$0, words, " "); i > 0; i--) { \
		word = words[i]; spaces = gsub("\001", " ", word); \
		if (word ~ /^[A-Z][A-Z0-9_]*=/) continue; \
		if (!sub(/^[Aa]rgs?=/, "", word) && spaces) word = "\047" word "\047"; \
		printf "%s ", word } }'))
ifneq ($(STRAY),)
$(error error: make itself reads no $(strip $(STRAY)) ($(if $(filter-out train,$(MAKECMDGOALS)),drop it,write make train ARGS="$(strip $(ARGS) $(STRAY))")))
endif

.PHONY: help setup train test test-grid test-errors test-export test-faults test-configurations test-docs setup-torchtext test-torchtext setup-zsh setup-slurm test-slurm setup-browser test-browser coverage mutation lint types format grid bench docs lock audit wheel data clean

# zh: 显示这个列表
help:  ## show this list
	@awk -v wanted=$(IN) '/^# zh: / { chinese = substr($$0, 7); next } \
		/^[a-z-]+:.*## / { split($$0, goal, ":"); english = $$0; sub(/.*## /, "", english); \
			print goal[1] "\t" (wanted == "zh" ? chinese : english) }' $(MAKEFILE_LIST) | expand -t 21

# zh: 建立 .venv，装好开发所需的一切
setup: $(DEV)  ## make .venv with everything for development

# zh: 训练默认的实验（ARGS="键=值 ..." 加覆盖参数）
train: $(RUNTIME)  ## train the default experiment (ARGS="KEY=VALUE ..." adds overrides)
	$(BIN)/attnlab train experiment=translation_quickstart $(ARGS)
	@printf '\n%s\n%s\n' '$(HERE_$(IN))' '$(THEN_$(IN))'

# zh: 运行测试（ARGS="-k 名称" 选取一部分）
test: $(DEV)  ## run the tests (ARGS="-k name" picks some)
	$(BIN)/python -m pytest $(TWO) $(ARGS)

# zh: 每个模型配每个它接受的机制都训练一次（其他测试只在一个模型里训练）
test-grid: $(DEV)  ## train every mechanism in every model that takes it (the other tests train it in one)
	$(BIN)/python -m pytest $(TWO) -m grid tests/commands/list/test_grid.py $(ARGS)

# zh: 由原始分数模拟几千次研究：结论多常是错的？
test-errors: $(DEV)  ## simulate thousands of studies from raw scores: how often are verdicts false?
	$(BIN)/python -m pytest $(TWO) -m errors tests/study/statistics $(ARGS)

# zh: 导出每个模型和每个机制（其他测试只导出几个）
test-export: $(DEV)  ## export every model and every mechanism (the other tests export a few)
	$(BIN)/python -m pytest $(TWO) -m export tests/commands/export $(ARGS)

# zh: 让运行遇到真实的故障：从磁盘写满到 500 种配置里的无意义的值（有些需要 root；其他测试只做几个）
test-faults: $(DEV)  ## have real faults befall runs, from full disks to nonsense in 500 configurations (needs root for some; the other tests run a few)
	$(BIN)/python -m pytest $(TWO) -m faults $(ARGS)

# zh: 在 2,000 种配置中各改一个值，常改成无意义的：哪些既不训练、也没有以一行拒绝
test-configurations: $(DEV)  ## change one value of 2,000 configurations, often to nonsense: what neither trains nor is refused in a line
	$(BIN)/python tests/processes/configurations.py --cases 2000 $(ARGS)

# zh: 运行 README 和文档中的每条命令，要训练的只做两次更新（其他测试运行快的那些）
test-docs: $(DEV)  ## run every command of the READMEs and docs, those that train for two updates (the other tests run the quick ones)
	ATTNLAB_TEST_DOCS=1 $(BIN)/python -m pytest $(TWO) tests/project/test_pages.py tests/project/test_page_training.py $(ARGS)

# zh: 为 tokenizer=torchtext 建立 .venv-torchtext（Python 3.11 或 3.12）
setup-torchtext: $(TORCHTEXT)  ## make .venv-torchtext for tokenizer=torchtext (Python 3.11 or 3.12)

# zh: 用 torchtext 及其 torch，运行换一个 torch 可能改变的测试（ARGS="-k 名称" 选取一部分）
test-torchtext: $(TORCHTEXT)  ## run what another torch may change, with torchtext and its torch (ARGS="-k name" picks some)
	$(VENV_TORCHTEXT)/bin/python -m pytest $(TWO) --torchtext 30 -m "text or torchtext" $(ARGS)

# zh: 没有 SLURM 时用 apt 安装（需要 root）
setup-slurm:  ## install SLURM by apt, if it isn't there (needs root)
	PATH="$$PATH:/usr/sbin" command -v sbatch slurmd munged >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends slurm-wlm slurm-wlm-basic-plugins munge; }

# zh: 在为此启动的 SLURM 上运行作业（需要 root）
test-slurm: $(DEV) setup-slurm  ## run jobs on a SLURM that is brought up here for them (needs root)
	ATTNLAB_TEST_SLURM=1 $(BIN)/python -m pytest tests/launch/slurm $(ARGS)

# zh: 没有 zsh 时用 apt 安装；除 bash 外也在其中测试补全（需要 root）
setup-zsh:  ## install zsh by apt, if it isn't there, in which completion is tested besides bash (needs root)
	command -v zsh >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends zsh; }

# zh: 在 .venv 中加上操纵浏览器的软件包；没有 Chromium 和中文字体时用 apt 安装（需要 root）
setup-browser: $(BROWSER)  ## add to .venv what drives a browser, and by apt Chromium and a Chinese font, if they aren't there (needs root)
	command -v chromium >/dev/null && fc-list :lang=zh | grep -q . || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-droid-fallback; }

# zh: 在无界面的 Chromium 中使用每种网页；所见的留在 outputs/browser
test-browser: setup-browser  ## use every page in a headless Chromium; what it saw lies in outputs/browser
	ATTNLAB_TEST_BROWSER=1 $(BIN)/python -m pytest $(TWO) tests/browser $(ARGS)

# Python tells itself which lines run since 3.12, which costs next to nothing.
# zh: 运行测试，并说明它们运行了 src 的哪些行：不到 92 % 就算失败
coverage: $(DEV)  ## run the tests and tell which lines of src they run: 92 % of all, or it fails
	rm -rf outputs/coverage
	mkdir outputs/coverage
	COVERAGE_CORE=$$($(BIN)/python -c 'import sys; print("sysmon" if sys.version_info >= (3, 12) else "ctrace")') \
		$(BIN)/python -m coverage run -m pytest $(TWO) $(ARGS)
	$(BIN)/python -m coverage combine --quiet
	status=0; $(BIN)/python -m coverage report > outputs/coverage/report.txt || status=$$?; \
		sed -n '1,42p' outputs/coverage/report.txt; tail -n 2 outputs/coverage/report.txt; exit $$status

# zh: 在 200 处逐一改动代码：测试是否发觉？（一小时）
mutation: $(DEV)  ## change the code in 200 places, one at a time: do its tests notice? (an hour)
	$(BIN)/python tests/processes/mutation.py $(ARGS)

# zh: 检查风格和格式
lint: $(DEV)  ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# zh: 严格检查类型
types: $(DEV)  ## check types, strictly
	$(BIN)/mypy

# zh: 整理代码的格式
format: $(DEV)  ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# zh: 问每个构造函数哪种机制用在哪里，写入 src/attnlab/config/grid.json
grid: $(DEV)  ## ask every constructor which mechanism fits where, for src/attnlab/config/grid.json
	$(BIN)/python -m attnlab.commands.list.grid

# zh: 与同类比较速度和内存，写入 benchmarks/results/（一小时，最好不运行别的）
bench: $(DEV)  ## measure speed and memory against peers, for benchmarks/results/ (an hour, best alone)
	$(BIN)/python -m benchmarks attention-time $(ARGS) --json benchmarks/results/attention-time.json
	$(BIN)/python -m benchmarks attention-memory $(ARGS) --json benchmarks/results/attention-memory.json
	$(BIN)/python -m benchmarks recurrent-states $(ARGS) --json benchmarks/results/recurrent-states.json
	$(BIN)/python -m benchmarks sibling-attention $(ARGS) --json benchmarks/results/sibling-attention.json
	$(BIN)/python -m benchmarks feature-attention $(ARGS) --json benchmarks/results/feature-attention.json

# zh: 由文档字符串、配置和测量写出 docs/reference/ 和 README 的机制表
docs: $(DEV)  ## write docs/reference/ and the READMEs' tables of mechanisms from docstrings, configuration and measurements
	$(BIN)/python scripts/build_docs.py

# zh: 构建 dist/*.whl，其中带有配置和附带的数据
wheel: $(DEV)  ## build dist/*.whl, which carries the configuration and the bundled data
	$(BIN)/python -m build --wheel --no-isolation

# zh: 由 Debian 的软件包重新生成附带的数据（需要 apt）
data: $(DEV)  ## build the bundled data again from Debian's packages (needs apt)
	$(BIN)/python scripts/build_bible_en_es.py

# zh: 在 requirements*.lock 中固定每个依赖及其哈希（不含地址）
lock:  ## pin every dependency with hashes (no addresses) in requirements*.lock
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet uv
	printf '%s\n' $(TORCH) | $(COMPILE) --extra build -c - -o requirements.lock
	$(COMPILE) --extra build --extra dev -c requirements.lock -o requirements-dev.lock
	$(EXTRA_BROWSER) | $(PIN) - -c requirements-dev.lock -o requirements-browser.lock
	printf '%s\n' $(TORCHTEXT_TORCH) | $(COMPILE) --extra build --extra test --extra torchtext -c - -o requirements-torchtext.lock

# zh: 查询各 lock 所固定的软件包有无已知漏洞
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

# zh: 删除各环境和构建出的一切
clean:  ## remove the environments and everything built
	rm -rf $(VENV) $(VENV)-lock $(VENV_TORCHTEXT) build dist .pytest_cache .mypy_cache .ruff_cache

$(RUNTIME): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: no $(PYTHON) is found (set PYTHON=python3.12, or another from 3.11 to 3.13)"; exit 2; }
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"error: Python 3.11 to 3.13 is needed, got {v[0]}.{v[1]} (set PYTHON=python3.12)")'
	@echo "$(call SETTING_UP_$(IN),$(VENV),6)"
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
	@echo "$(call SETTING_UP_$(IN),$(VENV_TORCHTEXT),5)"
	test -x $(VENV_TORCHTEXT)/bin/python || $(PYTHON_TORCHTEXT) -m venv $(VENV_TORCHTEXT)
	$(PIP_TORCHTEXT) --require-hashes -r requirements-torchtext.lock
	$(PIP_TORCHTEXT) --no-deps --no-build-isolation -e .
	@touch $@
