# Tiffin. Needs Python 3.11 or newer and make, nothing else.
#
#   make demo        set everything up and serve the demo
#   make test        set everything up and run the whole suite
#   make test-deep   what takes long: schedules by the hundred thousand, races by the hundreds; prints its figures
#   make check       ruff, mypy --strict, import-linter, tests with coverage
#   make bench       what a turn costs: the gates P1 to P13, in about ten minutes (bench-quick: the main six, in two)
#   make messages    gather what guests read for the translators
#   make lock        resolve the dependencies anew (after a change in pyproject.toml)

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS ?= 2

# The first Python that is new enough; `make PYTHON=/path/to/python demo` picks another.
PYTHON ?= $(shell for candidate in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$candidate; break; fi; done)

.PHONY: demo test test-deep check bench bench-quick messages format lock clean

demo: $(VENV)/run.stamp
	@$(BIN)/tiffin demo

test: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest -n $(WORKERS) -m "not deep"

# In one process, so that what it prints on the way can be watched; PYTEST="-k explorer" picks some of it.
test-deep: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest -m deep $(PYTEST)

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/coverage erase
	$(BIN)/python -m pytest -n $(WORKERS) -m "not deep" --cov --cov-report=
	$(BIN)/coverage report --fail-under=90
	$(BIN)/coverage report --fail-under=100 --include=core/money.py,core/checkout/pricing.py,core/orders/decide.py

# Only ratios inside one run mean anything; nothing else should keep the machine busy meanwhile.
bench: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.bench

bench-quick: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.bench --quick

# What guests read, gathered from the code into the catalogues; says how much waits for a translator.
messages: $(VENV)/dev.stamp
	$(BIN)/python -m bot.locales update

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Locked with hashes and without the address of any index, so that a lock made in one place installs in every other.
LOCK := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --extra build \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links
lock: $(VENV)/dev.stamp
	$(LOCK) --output-file requirements.txt pyproject.toml
	$(LOCK) --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage .coverage.*

# A stamp is younger than its lock, so the second run installs nothing.
$(VENV)/run.stamp: requirements.txt $(VENV)/venv.stamp
	@echo "Installing what Tiffin needs (about a minute, the first time only) ..."
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/venv.stamp
	@echo "Installing what Tiffin and its tests need (about two minutes, the first time only) ..."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(VENV)/run.stamp $@

$(VENV)/venv.stamp:
	@test -n "$(PYTHON)" || { echo "Tiffin needs Python 3.11 or newer, and none was found." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments here. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@
