# Each of verify, test, lint sets up all that it needs: a .venv from the lock files.
PROFILE ?= standard
ARGS    ?=
VENV    := .venv
PY      := $(VENV)/bin/python

.PHONY: verify audit test test-long test-faults test-fuzz test-executors test-device coverage scale lint lock sbom audit-deps clean bench tutorials docs
.DEFAULT_GOAL := verify

verify: $(VENV)/.runtime
	$(PY) -m verify all --profile $(PROFILE) $(ARGS)

# How often is the verifier wrong? An hour or so on two cores, by claims and by the tests; what it found
# is kept in the store.
audit: $(VENV)/.dev
	$(PY) -m verify audit $(ARGS)

test: $(VENV)/.dev
	$(PY) -m pytest $(ARGS)

# What make test leaves out for its length: CI runs it beside.
test-long: $(VENV)/.dev $(VENV)/.docs
	$(PY) -m pytest -m long $(ARGS)

# Lines and branches that make test reaches, file by file. Compiled kernels and what runs in processes
# of its own are not seen.
coverage: $(VENV)/.dev
	$(PY) -m coverage run -m pytest -q $(ARGS)
	$(PY) -m coverage report

# The long forms of tests of which make test has a few of each kind; each writes what it counted.
# A hundred kills and more, and the memory of a whole quick run, in twenty minutes on two cores.
test-faults: $(VENV)/.dev
	$(PY) tests/verify/harness/faults.py --memory --page reports/faults.md $(ARGS)

# Thousands of command lines, calls, files and stores.
test-fuzz: $(VENV)/.dev
	HYPOTHESIS_PROFILE=long FUZZ_PAGE=reports/fuzz.md $(PY) -m pytest -q tests/verify/commands/test_fuzz*.py $(ARGS)

# Every claim of the quick profile with each executor: the same results.json.
test-executors: $(VENV)/.dev
	EXECUTORS=all $(PY) -m pytest -q -m "" tests/verify/engine/test_executors.py $(ARGS)

# Every claim that asks a device, whole at the audit's size, there (or on the stand-in) and on the host.
test-device: $(VENV)/.dev
	DEVICE=all $(PY) -m pytest -q -m "" tests/verify/claims/test_on_device.py $(ARGS)

# Wall time against workers, latency and grouping, and what a thousand workers would make of it.
scale: $(VENV)/.dev
	$(PY) benchmarks/scale.py --page reports/scale.md $(ARGS)

# The tutorials with what their blocks print, and their figures. Look at both before they are committed.
tutorials: $(VENV)/.dev
	$(PY) tests/tutorials/pages.py

lint: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/pylint theory numerics verify

bench: $(VENV)/.runtime
	$(PY) benchmarks/run.py $(ARGS)

# The locks are renewed here and nowhere else; they hold hashes and no address. All but that of
# scikit-rmt, which has pins of its own, come from one resolution, so that they agree on every version.
# What is locked stays unless it must change: ARGS=--upgrade renews all.
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --no-header -q
LOCK    := $(COMPILE) pyproject.toml --group build -c build/all.lock
EXTRAS  := dask gpu gpu-cuda12 bench
lock:
	mkdir -p build locks
	cp requirements-dev.lock build/all.lock
	$(COMPILE) pyproject.toml --group build --group audit --group docs --all-extras -o build/all.lock $(ARGS)
	$(LOCK) -o requirements.lock
	$(LOCK) --extra dev -o requirements-dev.lock
	for extra in $(EXTRAS); do $(LOCK) --extra $$extra -o locks/$$extra.lock || exit 1; done
	$(COMPILE) --group audit -c build/all.lock -o locks/audit.lock
	$(COMPILE) --group docs -c build/all.lock -o locks/docs.lock
	$(COMPILE) --group scikit-rmt -o locks/scikit-rmt.lock $(ARGS)

# The documentation as a site of static files, build/site. Docstrings are read, so nothing of the project
# is installed for it.
docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(VENV)-docs/bin/mkdocs build -q --strict -f docs/site/mkdocs.yml $(ARGS)
	@echo "build/site/index.html"

$(VENV)/.docs: locks/docs.lock | $(VENV)/bin/python
	$(PY) -m venv $(VENV)-docs
	$(VENV)-docs/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r locks/docs.lock
	@touch $@

# What an installation holds, as CycloneDX: build/sbom.json. LOCK_FILE names another lock.
LOCK_FILE ?= requirements.lock
sbom: $(VENV)/bin/python
	@mkdir -p build
	$(PY) .ci/sbom.py $(LOCK_FILE) build/sbom.json

# Known vulnerabilities of what the locks hold. Asks an advisory service: exit 3 where none answers.
audit-deps: $(VENV)/.audit
	$(PY) .ci/audit_deps.py $(VENV)-audit requirements-dev.lock $(wildcard locks/*.lock)

$(VENV)/.audit: locks/audit.lock | $(VENV)/bin/python
	$(PY) -m venv $(VENV)-audit
	$(VENV)-audit/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r locks/audit.lock
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-audit $(VENV)-docs store.sqlite* build *.egg-info .coverage

# The first Python >= 3.11 with venv among $(PYTHON) and the usual names.
$(VENV)/bin/python:
	@command -v git >/dev/null || { echo "missing: git (install it, then run make again)" >&2; exit 2; }
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  command -v $$python >/dev/null || continue; \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || continue; \
	  $$python -c 'import venv, ensurepip' 2>/dev/null || { missing_venv=$$python; continue; }; \
	  echo "setting up $(VENV) with $$python"; exec $$python -m venv $(VENV); \
	done; \
	if [ -n "$$missing_venv" ]; then \
	  echo "missing: the venv module of $$missing_venv (on Debian and Ubuntu: apt-get install python3-venv)" >&2; \
	else \
	  echo "missing: Python 3.11 or newer (or name one: make PYTHON=/path/to/python3)" >&2; \
	fi; exit 2

# Setuptools warns of its own options when pip reads them; that is not for the user.
EDITABLE := PYTHONWARNINGS=ignore $(PY) -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .

# A set that is a superset of the other satisfies it: the dev set marks both.
$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(EDITABLE)
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(EDITABLE)
	@touch $(VENV)/.runtime $@
