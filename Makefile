# Everything happens in .venv, made on first use and re-used afterwards.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint types examples clean

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

examples: $(READY)  ## the examples' own tests
	$(BIN)/python -m pytest -q examples

clean:  ## back to a fresh clone
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
