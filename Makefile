# Every command. `make` alone lists them.
SHELL := /bin/bash
BIN := .venv/bin
# Tests wait for servers half of the time, so one process more than cores keeps two of them busy.
PROCESSES ?= $(shell expr $$(nproc) + 1)
# Compiled modules halve the start of every service; some environments forbid them.
unexport PYTHONDONTWRITEBYTECODE

# Node may come with the environment.
NODE := PATH="$(CURDIR)/$(BIN):$$PATH" node
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm

.DEFAULT_GOAL := help
.PHONY: help setup demo up upgrade down status test test-fast lint format lock web web-test web-types clean mutate

help: ## List the commands
	@awk -F ':[^#]*## ' '/^[a-z%-]+:.*## / { sub("%", "<name>", $$1); printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing: system packages, .venv, the web app
	@deploy/setup.sh

demo: setup ## Start everything, publish a film, print the addresses; the rest follows behind
	@$(BIN)/marquee demo

up: setup ## Start the embedded stack
	@$(BIN)/marquee up

upgrade: setup ## Take over new code while titles play
	@$(BIN)/marquee upgrade

down: ## Stop it; nothing is left running
	@$(BIN)/marquee down

status: ## Say what runs
	@$(BIN)/marquee status

test: setup web-test ## Run every test, real servers and browsers included
	@$(BIN)/pytest -n $(PROCESSES)

test-fast: setup ## Run the inner loop
	@$(BIN)/pytest -n $(shell nproc) -m "not slow"

lint: ## Check style, types and the borders between folders
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: ## Format all Python
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: ## Resolve pyproject.toml into requirements/lock.txt
	@$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-annotate --no-header -o requirements/lock.txt

web-test: setup ## Check types, style and accessibility rules of the web app, and run its tests
	@cd web && $(NPM) run --silent check && $(NPM) run --silent test

web-types: setup ## Write the API's types for the web app anew from its OpenAPI description
	@$(BIN)/python -m api.openapi | $(NODE) web/scripts/api-types.mjs > web/src/api/schema.ts.new
	@mv web/src/api/schema.ts.new web/src/api/schema.ts

web: ## Build the web app, if its sources have changed
	@deploy/setup.sh web

clean: ## Remove caches and build products; var/ and .venv stay
	@rm -rf web/dist bench/results .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	@find . -name __pycache__ -not -path './.venv/*' -not -path './web/node_modules/*' -prune -exec rm -rf {} +

mutate: setup ## Change the code a little, many times, and see whether the tests notice
	@$(BIN)/python -m bench.mutate

bench-%: setup ## Run one benchmark: see docs/bench.md
	@$(BIN)/python -m bench.$*
