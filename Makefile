# Everything runs in .venv, which uv fills from uv.lock. All that must be there before: git, make, Python >= 3.11.

PYTHON ?=
# Most tests wait for somebody. With 0 they run one after the other, as pytest --pdb needs it.
TESTERS ?= 4
UV_VERSION := 0.13.9

BIN := .venv/bin
IN_PARALLEL := --numprocesses $(TESTERS) --dist worksteal
CODE := $(wildcard src tests tools bench)
UV := .tools/uv-$(UV_VERSION)
SYNCED := .venv/synced

.DEFAULT_GOAL := help
.PHONY: help demo test check bench format catalog

help: ## Say what make can do here
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18
	@echo 'What stands in ARGS is handed on: make test ARGS="-k unlock"'

demo: $(SYNCED) ## Run a network of simulated stations to play with
	@$(BIN)/voltherd demo $(ARGS)

test: $(SYNCED) ## Run the tests
	$(BIN)/pytest $(IN_PARALLEL) $(ARGS)

check: $(SYNCED) ## The gate: format, lint, types, import contracts, generated files, tests
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/generate_payloads.py --check
	$(BIN)/voltherd catalog --check docs/reference/catalog.md
	$(BIN)/pytest $(IN_PARALLEL) $(ARGS)

bench: $(SYNCED) ## Measure (ARGS="--help" says what)
	$(BIN)/python -m bench $(ARGS)

format: $(SYNCED) ## Put the code in form
	$(BIN)/ruff check --fix-only $(CODE)
	$(BIN)/ruff format $(CODE)

catalog: $(SYNCED) ## Bring docs/reference/catalog.md, the map of the house, up to date (voltherd catalog prints it)
	@$(BIN)/voltherd catalog --write docs/reference/catalog.md

# Each stamp is made last, so a step that was broken off is taken again.

$(SYNCED): pyproject.toml uv.lock $(UV)
	@echo 'Installing what uv.lock names into .venv ...'
	@UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv \
		.tools/bin/uv sync --quiet --frozen --python .tools/bin/python
	@touch $@

$(UV):
	@set -e; \
	for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo 'Voltherd needs Python 3.11 or newer, and none was found; if you have one, say: make PYTHON=/path/to/python' >&2; \
		exit 1; \
	fi; \
	if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "This Python cannot make virtual environments yet: apt install $$(basename $$found)-venv" >&2; \
		exit 1; \
	fi; \
	echo "Installing uv $(UV_VERSION) into .tools, with $$($$found --version) ..."; \
	$$found -m venv --clear .tools; \
	.tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@
