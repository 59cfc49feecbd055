# Everything a reader of this repository runs. Python 3.11 or newer and make are enough.

VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
STAMP := $(VENV)/.setup-stamp
ORACLE_STAMP := $(VENV)/.oracle-stamp
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11
WORKERS := auto

# nbgrader calls a bare `alembic`: the environment's programs must be on PATH.
export PATH := $(BIN):$(PATH)
# Without bytecode every start of Jupyter takes many seconds longer.
unexport PYTHONDONTWRITEBYTECODE
# A module on somebody's PYTHONPATH must not stand in for an installed one.
unexport PYTHONPATH

.DEFAULT_GOAL := help
.PHONY: help setup demo test lab build lint format ledger bench gallery clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

setup: $(STAMP) ## make .venv with everything that the other targets need

$(STAMP): pyproject.toml
	@for python in $(PYTHONS); do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; \
	  python=; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "This course needs Python 3.11 or newer. Found: $$($(firstword $(PYTHONS)) --version 2>&1)." >&2; \
	  echo "Install a newer one from https://www.python.org or with your package manager," >&2; \
	  echo "or name it: make setup PYTHONS=/path/to/python" >&2; \
	  exit 1; \
	fi; \
	echo "Making $(VENV) with $$($$python --version). This takes a minute or two."; \
	if ! $$python -m venv $(VENV); then \
	  echo "Python could not make $(VENV). On Debian and Ubuntu: apt install python3-venv" >&2; \
	  exit 1; \
	fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --compile --editable '.[dev]'
	@touch $@

demo: setup ## grade a sample class and show its gradebook, feedback and report
	@$(BIN)/autograder demo

test: setup ## run all tests
	@$(BIN)/python -m pytest -n $(WORKERS)

lab: setup ## open the course in JupyterLab
	@$(BIN)/jupyter lab notebooks

build: setup ## build the student release in notebooks/ from source/
	@$(BIN)/autograder build

lint: setup ## check format, style and types
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy

format: setup ## format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

# PyTorch and optax are big and serve nothing else: they come only when the ledger is written anew.
$(ORACLE_STAMP): $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --compile --editable '.[oracle]'
	@touch $@

ledger: setup $(ORACLE_STAMP) ## write the oracle ledger anew (installs PyTorch and optax)
	@$(BIN)/python -m autograder.oracles

bench: setup ## time checks, grading and the command line
	@for file in benchmarks/*.py; do echo "$$file"; $(BIN)/python "$$file" || exit 1; done

gallery: setup ## write build/gallery.html, a page with every picture and the code behind it
	@mkdir -p build
	@$(BIN)/python -m downslope.gallery build/gallery.html

clean: ## remove caches and built packages (not .venv, not anybody's work)
	@rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
