# Till. Needs Python 3.11 or newer with pip, and make; everything else comes from the lock files.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# Works without ensurepip too: the machine's own pip installs into the environment.
PIP := $(PYTHON) -m pip --disable-pip-version-check --python $(PY) install --quiet --require-hashes

POT := $(VENV)/messages.pot

.DEFAULT_GOAL := help
.PHONY: help run test check format messages bench lock clean

help: ## Show this help
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

run: $(VENV)/.installed ## Start the shop: make run, or make run PORT=9000
	@$(PY) -m shop.supervisor

test: check ## Run everything: format, lint, types, tests on both databases and in the browser
	$(PY) -m pytest -n auto -q -rs

check: $(VENV)/.installed-dev ## Format check, lint and types
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

format: $(VENV)/.installed-dev ## Put the code into the house format
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

messages: $(VENV)/.installed-dev ## Bring the translations' catalogs up to the code, and compile them
	PYTHONPATH=. $(VENV)/bin/pybabel -q extract -F babel.cfg -k ngettext:1,2 -k _l -k lazy_gettext --no-location --sort-output \
	  --omit-header -o $(POT) shop templates themes
	$(VENV)/bin/pybabel -q update -i $(POT) -d shop/translations --no-fuzzy-matching \
	  --ignore-obsolete --ignore-pot-creation-date
	$(VENV)/bin/pybabel -q compile -d shop/translations

bench: $(VENV)/.installed-dev ## Measure throughput against a bare Flask route
	$(PY) -m bench

lock: $(VENV)/.installed-dev ## Write the lock files anew from pyproject.toml
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --no-emit-find-links --group dev pyproject.toml \
	  -o requirements-dev.lock

clean: ## Remove the environment and caches; the shop's data in instance/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results

$(PY):
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.installed: requirements.lock | $(PY)
	@echo "Installing ..."
	@$(PIP) -r requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock requirements-stripe-spec.lock | $(PY)
	@$(PIP) -r requirements-dev.lock
	@$(PIP) --no-deps -r requirements-stripe-spec.lock
	@touch $(VENV)/.installed $@

ifdef PORT
export PORT
endif
