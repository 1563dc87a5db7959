# Targets: demo test lint types check bench web clean. Each installs what it needs.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STATIC := src/mlyard/server/static/index.html
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' 2>/dev/null)
# Without compiled modules on disk, each of the thousand processes that the tests start compiles all it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test soak lint types bench web clean

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

demo: $(VENV)/.all $(STATIC) ## train, register and serve a model, with the web UI (ONCE=1: end by itself)
	@$(BIN)/mlyard demo $(if $(ONCE),--once)

test: $(VENV)/.dev $(STATIC) ## everything: the layers, the tests on real parts, lint and types
	@tools/test $(ARGS)

soak: $(VENV)/.dev ## the tests that repeat or last, in their long form (about an hour)
	@tools/engines
	@SOAK=1 $(BIN)/pytest tests/system tests/property tests/fuzz tests/wire/test_openapi.py
	@for name in torch heavy; do tools/flavor-environments $$name && \
	  TEST_FLAVORS=$$name .cache/flavors-$$name/bin/pytest tests/flavors || exit 1; done

lint: $(VENV)/.dev ## ruff and the import layers
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports

types: $(VENV)/.dev ## mypy, strict
	$(BIN)/mypy

bench: $(VENV)/.all ## the budget table beside MLflow and FastTrackML, on one PostgreSQL (minutes; RUN=growth.py: curves)
	@$(BIN)/python benchmarks/$(or $(RUN),run.py) $(ARGS)

web: $(STATIC) ## build the web UI

clean: ## remove what the targets made
	rm -rf $(VENV) .cache demo src/mlyard/server/static web/node_modules

$(VENV)/.python:
	@PYTHON=$(PYTHON) tools/venv $(VENV)
	@touch $@

$(VENV)/.all: $(VENV)/.python pyproject.toml
	@echo "Installing mlyard and what it needs…"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[all]'
	@touch $@

$(VENV)/.dev: $(VENV)/.all
	@echo "Installing what the tests need…"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[all]' --group dev
	@touch $@

$(STATIC): $(WEB_SOURCES) | $(VENV)/.python
	@echo "Building the web UI…"
	@tools/web $(VENV)
	@touch $@
