# Targets: demo stack test soak mutants lint types docs tutorial bench web clean. Each installs what it needs.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STATIC := src/mlyard/server/static/index.html
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' 2>/dev/null)
# The tests start about a thousand processes. Without cached bytecode, each would compile every module it imports.
unexport PYTHONDONTWRITEBYTECODE

# The Python environment and the web UI are built side by side.
MAKEFLAGS += --jobs=2

.PHONY: help demo stack test soak mutants lint types docs tutorial bench web clean

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

demo: $(VENV)/.all $(STATIC) ## train, register and serve a model, with the web UI (ONCE=1: exit at the end)
	@$(BIN)/mlyard demo $(if $(ONCE),--once)

stack: $(VENV)/.dev $(STATIC) ## PostgreSQL, an S3 server and mlyard with the tutorial's data (ONCE=1: exit at the end)
	@$(BIN)/python -m tools.stack $(if $(FOLDER),--folder $(FOLDER)) $(if $(ONCE),--once)

test: $(VENV)/.dev $(STATIC) ## everything: lint, types, import layers and all tests
	@tools/test $(ARGS)

soak: $(VENV)/.dev ## the long form of the tests that repeat or run under load (about an hour)
	@tools/packages && tools/engines
	@SOAK=1 $(BIN)/pytest tests/system tests/property tests/fuzz tests/wire/test_openapi.py
	@for name in torch heavy; do tools/flavor-environments $$name && \
	  TEST_FLAVORS=$$name .cache/flavors-$$name/bin/pytest tests/flavors tests/docs/test_docstrings.py || exit 1; done

# In one process, with low priority: it is meant to run beside other work.
mutants: $(VENV)/.dev ## change the code of stores, wire, search and guards; the tests must notice (ONLY='mlyard.search.*')
	@nice -n 15 $(BIN)/mutmut run --max-children 1 $(patsubst %,'%',$(ONLY))
	@$(BIN)/mutmut results | sed '/not checked/d'

lint: $(VENV)/.dev ## ruff and the import layers
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports

types: $(VENV)/.dev ## mypy, strict
	$(BIN)/mypy

docs: $(VENV)/.dev ## build the documentation: build/docs/index.html
	@$(BIN)/python docs/site/build.py build/docs

tutorial: $(VENV)/.dev $(STATIC) ## make the tutorial's pictures and notebook anew, from its page
	@TUTORIAL_WRITE=1 $(BIN)/pytest tests/tutorial/test_tutorial.py

bench: $(VENV)/.all ## compare with MLflow and FastTrackML on PostgreSQL (takes minutes; RUN=growth.py: curves)
	@$(BIN)/python benchmarks/$(or $(RUN),run.py) $(ARGS)

web: $(STATIC) ## build the web UI

clean: ## remove everything that the targets created
	rm -rf $(VENV) .cache build demo stack mutants src/mlyard/server/static web/node_modules

$(VENV)/.python:
	@PYTHON=$(PYTHON) tools/venv $(VENV)
	@touch $@

$(VENV)/.all: $(VENV)/.python pyproject.toml
	@echo "Installing mlyard and its dependencies…"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[all]'
	@touch $@

$(VENV)/.dev: $(VENV)/.all
	@echo "Installing the dependencies of the tests…"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[all]' --group dev
	@touch $@

$(STATIC): $(WEB_SOURCES) | $(VENV)/.python
	@echo "Building the web UI…"
	@tools/web $(VENV)
	@touch $@
