# Everything happens in .venv, made on first use and re-used afterwards.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint types examples clients matrix lowest dist coverage clean

$(READY): setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

demo: $(READY)  ## the copy-job audit on seeded jobs, with the clock frozen
	$(BIN)/python examples/demo.py

test: $(READY)  ## the whole suite
	$(BIN)/python -m pytest -n 2 -q

lint: $(READY)  ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)  ## mypy, strict
	$(BIN)/mypy

matrix: $(READY)  ## the suite on each Python that is here, on the lowest and the highest versions; NOX: its options
	$(BIN)/nox $(NOX)

lowest: $(READY)  ## the suite on the lowest versions that setup.cfg allows
	$(BIN)/nox --session "tests-$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')(lowest)"

dist: $(READY)  ## sdist and wheel in dist/, looked into, and the wheel tried away from here
	$(BIN)/nox --session build wheel

coverage: $(READY)  ## the suite with branch coverage, its own processes included
	$(BIN)/python -m pytest -n 2 -q --cov --cov-report=term

examples: $(READY)  ## the examples' own tests
	$(BIN)/python -m pytest -q examples

.venv-clients/.ready: setup.cfg clients/requirements.txt
	$(PYTHON) -m venv .venv-clients
	.venv-clients/bin/python -m pip install --quiet --editable '.[server]' --requirement clients/requirements.txt
	touch $@

.venv-clients-aioboto3/.ready: setup.cfg clients/requirements-aioboto3.txt
	$(PYTHON) -m venv .venv-clients-aioboto3
	.venv-clients-aioboto3/bin/python -m pip install --quiet --editable . --requirement clients/requirements-aioboto3.txt
	touch $@

clients/node_modules: clients/package-lock.json
	cd clients && npm ci --silent --no-audit --no-fund
	touch $@

clients: .venv-clients/.ready .venv-clients-aioboto3/.ready clients/node_modules  ## aiobotocore, aioboto3, AWS CLI, JavaScript, browser
	.venv-clients/bin/python -m pytest -q -W error clients
	.venv-clients-aioboto3/bin/python -m pytest -q -W error clients/test_aiobotocore.py

clean:  ## back to a fresh clone
	rm -rf .venv* .nox .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage* build dist
