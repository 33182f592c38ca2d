# Everything runs in .venv, which is created on first use and kept.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# uv installs faster. It does not read pip's configuration, so what a newcomer needs falls back to pip.
UV := $(BIN)/uv pip install --quiet --python
# Each worker begins with half of the files, so that most of what a file's tests share is made once.
WORKERS := -n 2 --dist worksteal
# The tests start interpreters by the hundred. Without bytecode, each one compiles pytest's plugins anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test thorough load lint types examples clients matrix lowest coverage fuzz mutants bench docs pictures dist clean

$(READY): setup.cfg pyproject.toml
	@echo "Installing the package and its tools into $(VENV): a minute, once."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv
	$(UV) $(BIN)/python --editable '.[dev]' || $(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

demo: $(READY)  ## the copy-job audit on a jobs file, with the clock frozen
	$(BIN)/python examples/demo.py

test: $(READY)  ## the whole suite
	$(BIN)/python -m pytest $(WORKERS) -q

thorough: $(READY)  ## the whole suite with ten times the random cases
	THOROUGH=10 $(BIN)/python -m pytest $(WORKERS) -q

load: $(READY)  ## the load test with 100,000 calls: minutes
	THOROUGH=50 $(BIN)/python -m pytest -q -rP -p no:randomly tests/service/test_load.py

lint: $(READY)  ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)  ## mypy, strict; mypy and pyright on uses and misuses of the public names
	$(BIN)/mypy
	$(BIN)/python -m pytest -q typecheck

matrix: $(READY)  ## the suite on each installed Python, on the lowest and the highest versions; NOX: its options
	$(BIN)/nox $(NOX)

# What leans most on other packages. `make matrix` has the whole suite.
LOWEST := tests/intercept tests/jobs/test_filters.py tests/jobs/test_events.py $(addsuffix .py,\
	$(addprefix tests/test_,moto_plugin pytest_plugin pytest_report unmocked_calls) \
	$(addprefix tests/cli/test_,anonymize sessions) \
	$(addprefix tests/service/test_,documents_of_on documents_of_on_oracle golden list_copy_jobs recovery_points start_copy_job wire_faults))

lowest: $(READY)  ## the parts of the suite that lean on other packages, on the lowest versions that setup.cfg allows
	$(BIN)/nox --session "tests-$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')(lowest)" -- --dist worksteal $(LOWEST)

dist: $(READY)  ## sdist and wheel in dist/, their contents checked, and the wheel tested apart from the source
	$(BIN)/nox --session build wheel

coverage: $(READY) .venv-clients/.ready .venv-clients-aioboto3/.ready  ## lines and branches that no test reaches
	$(BIN)/python -m pytest $(WORKERS) -q --cov --cov-report=
	.venv-clients/bin/python -m pytest -q --cov --cov-append --cov-report= clients/test_aiobotocore.py
	.venv-clients-aioboto3/bin/python -m pytest -q --cov --cov-append --cov-report= clients/test_aiobotocore.py
	$(BIN)/coverage report

examples: $(READY)  ## the examples' own tests
	$(BIN)/python -m pytest -q examples

.venv-clients/.ready: setup.cfg clients/requirements.txt | $(READY)
	$(PYTHON) -m venv --without-pip .venv-clients
	$(UV) .venv-clients/bin/python --editable '.[server]' --requirement clients/requirements.txt
	touch $@

.venv-clients-aioboto3/.ready: setup.cfg clients/requirements-aioboto3.txt | $(READY)
	$(PYTHON) -m venv --without-pip .venv-clients-aioboto3
	$(UV) .venv-clients-aioboto3/bin/python --editable . --requirement clients/requirements-aioboto3.txt
	touch $@

clients/node_modules: clients/package-lock.json
	cd clients && npm ci --silent --no-audit --no-fund
	touch $@

clients: .venv-clients/.ready .venv-clients-aioboto3/.ready clients/node_modules  ## aiobotocore, aioboto3, AWS CLI, JavaScript, browser
	.venv-clients/bin/python -m pytest $(WORKERS) -q -W error clients
	.venv-clients-aioboto3/bin/python -m pytest -q -W error clients/test_aiobotocore.py clients/test_upstream_aiobotocore.py

.venv-fuzz/.ready: setup.cfg fuzz/requirements.txt | $(READY)
	$(PYTHON) -m venv --without-pip .venv-fuzz
	$(UV) .venv-fuzz/bin/python --editable '.[server]' --requirement fuzz/requirements.txt
	touch $@

fuzz: .venv-fuzz/.ready  ## 100,000 random requests and 5,000 jobs files, raw bytes to a server, then coverage-guided ones
	.venv-fuzz/bin/python -m fuzz
	.venv-fuzz/bin/python -m fuzz.wire
	.venv-fuzz/bin/python -m fuzz.leaks
	.venv-fuzz/bin/python -m fuzz.guided

.venv-mutants/.ready: setup.cfg | $(READY)
	$(PYTHON) -m venv --without-pip .venv-mutants
	$(UV) .venv-mutants/bin/python --editable '.[dev]' cosmic-ray
	touch $@

MUTATED := jobs/filters service/pagination aws/timestamps aws/listings service/lists jobs/schedules

mutants: .venv-mutants/.ready  ## changes that no test notices, in a copy of the tree for each module; MUTATED: which
	rm -rf .mutants
	$(MAKE) --jobs 2 --output-sync $(MUTATED:%=.mutants/%)

# The run before the first change writes the bytecode of all else. None is written of a change.
.mutants/%:
	mkdir -p $@ && git ls-files -z | xargs -0 cp --parents --target-directory=$@
	sed -i 's|MODULE|$*.py|; s|ITS_TESTS|$(wildcard tests/$(*D)/test_$(*F).py)|' $@/pyproject.toml
	cd $@ && export PATH="$(CURDIR)/.venv-mutants/bin:$$PATH" PYTHONPATH="$(CURDIR)/$@" && \
	cosmic-ray baseline pyproject.toml && export PYTHONDONTWRITEBYTECODE=1 && \
	cosmic-ray init pyproject.toml mutants.sqlite && cr-filter-operators mutants.sqlite pyproject.toml && \
	cosmic-ray exec pyproject.toml mutants.sqlite && cr-report --surviving-only --show-diff mutants.sqlite

.venv-bench/.ready: setup.cfg | $(READY)
	$(PYTHON) -m venv --without-pip .venv-bench
	$(UV) .venv-bench/bin/python --editable '.[bench,server]'
	touch $@

bench: .venv-bench/.ready  ## costs beside their yardsticks, kept in benchmarks/results/; BENCH: options (--jobs 100000)
	.venv-bench/bin/python benchmarks/bench.py $(BENCH)

.venv-docs/.ready: setup.cfg | $(READY)
	$(PYTHON) -m venv --without-pip .venv-docs
	$(UV) .venv-docs/bin/python --editable '.[docs]'
	touch $@

docs: .venv-docs/.ready  ## the documentation as a site, in site/; a dead link fails
	NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build

pictures: $(READY) .venv-clients/.ready  ## the pictures of the documentation, from real runs; Chromium takes the page's
	$(BIN)/python docs/pictures/make.py
	.venv-clients/bin/python docs/pictures/page.py

clean:  ## back to a fresh clone
	rm -rf .venv* .nox .mutants site build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*
