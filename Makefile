# Everkin. Two commands do everything: `make run` and `make test`. They need python >= 3.11, make, and node for the page.
PYTHON ?= python3
PY := .venv/bin/python
PAGE := src/everkin/interfaces/page/index.html
ARGS ?=

.PHONY: run test check format bench web generate browser nginx clean
.DEFAULT_GOAL := run

run: .venv/.installed page  ## set up, build the page, start Everkin, print the address
	@$(PY) -m everkin serve $(ARGS)

test: .venv/.installed-dev page web-check browser nginx  ## set up, check everything, run the whole suite
	@scripts/step "Lint, types, layers"
	@$(MAKE) --no-print-directory check
	@scripts/step "Tests"
	@$(PY) -m pytest $(ARGS)

check: .venv/.installed-dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo 2>/dev/null || .venv/bin/lint-imports
	@$(PY) scripts/generate.py --check

format: .venv/.installed-dev
	@$(PY) -m ruff check --fix-only -q . && $(PY) -m ruff format .

generate: .venv/.installed-dev  ## wire.ts, events.md and settings.md from the code
	@$(PY) scripts/generate.py

bench: .venv/.installed-dev  ## the benchmarks that need no data set, quick
	@for name in start store turn cache gateway sessions; do $(PY) -m benchmarks.$$name --quick $(ARGS) || exit 1; done

.venv/bin/python:
	@scripts/step "Making a Python environment in .venv"
	@scripts/make-venv $(PYTHON)

.venv/.installed: requirements.lock weights.lock weights-memory.lock pyproject.toml scripts/install | .venv/bin/python
	@scripts/step "Installing Everkin and its libraries"
	@scripts/install run
	@touch $@

.venv/.installed-dev: requirements.lock requirements-dev.lock weights.lock weights-memory.lock pyproject.toml scripts/install | .venv/bin/python
	@scripts/step "Installing Everkin, its libraries and the tools of the test suite"
	@scripts/install dev
	@touch $@ .venv/.installed

# -- the page -----------------------------------------------------------------------------------------------------------
.PHONY: page web-check
page:
	@scripts/page build

web-check:
	@scripts/page check

web: page

browser:  ## a Chromium for the page's journeys
	@scripts/browser

nginx:  ## an nginx for the test of Everkin behind a bare proxy; installs no service
	@scripts/nginx

clean:
	rm -rf .venv web/node_modules web/dist src/everkin/interfaces/page build dist
