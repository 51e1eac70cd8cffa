# From a bare Debian 12 with Python 3.11 and root to a build that is tested:
#   make build | packages | test | harness | op-status | models | check-report | demo |
#        wheel | format | check-format | clean
#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

PYTHON ?= python3
JOBS ?= $(shell nproc)
VENV := .venv
BIN := $(VENV)/bin
LLVM_BIN := /usr/lib/llvm-22/bin

# Virtual CPU devices share one pool of threads in XLA, which is too small by
# default for collectives that are in flight together. LAPACK has threads of its own,
# which only wait for each other where eight devices call it on few cores.
DEVICES := NPROC=64 OPENBLAS_NUM_THREADS=1 XLA_FLAGS=--xla_force_host_platform_device_count=8
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
SKBUILD := --no-build-isolation --no-deps -Cbuild-dir=build
CXX_SOURCES = $(shell find compiler tools test -name '*.cpp' -o -name '*.h')

export CMAKE_BUILD_PARALLEL_LEVEL := $(JOBS)

.PHONY: build packages test harness op-status models check-report demo wheel format check-format clean
.DELETE_ON_ERROR:

# pip configures and builds everything once, in build/. Later builds are CMake's
# alone: what pip copied into the environment is replaced by links to build/.
build: $(VENV)/installed
	@cmake --build build
	@ln -sf $(CURDIR)/build/bin/partir-opt $(BIN)/partir-opt
	@ln -sf $(CURDIR)/build/python/partir/_partir.*.so \
	  $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("platlib"))')/partir/

$(VENV)/installed: $(VENV)/requirements pyproject.toml build/CMakeCache.txt
	$(PIP) install $(SKBUILD) -e .
	@touch $@

# A build folder that was deleted has to be configured by pip again.
build/CMakeCache.txt:
	@rm -f $(VENV)/installed

$(VENV)/requirements: requirements-dev.txt | packages
	[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	$(PIP) install -r requirements-dev.txt
	@touch $@

packages:
	@tools/install-packages.sh $(PYTHON)

# The tests of a file share what they have run and compiled, so one worker takes them
# all. (Groups by mark, `--dist loadgroup`, have no effect in pytest 9.2.)
test: build check-format wheel
	$(BIN)/lit -sv build/test
	PARTIR_WHEEL=$$(echo $(CURDIR)/dist/*.whl) $(DEVICES) \
	  $(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

# All of JAX's primitive harness; `make test` runs a sample of it.
harness: build
	$(BIN)/python test/harness/run.py $(HARNESS_ARGS)

# Writes docs/op-status.md: asks the compiler, and the records of `make harness`.
op-status: build
	$(BIN)/python tools/op_status.py

# Opens a saved report in Debian's `chromium`, which is not installed here.
check-report: build
	$(BIN)/python tools/check_report.py

# All models under all schedules; `make test` runs a sample.
models: build
	$(BIN)/python benchmarks/run_models.py $(MODELS_ARGS)

demo: build
	$(DEVICES) $(BIN)/python examples/gpt_demo.py

wheel: build
	@rm -f dist/*.whl
	$(PIP) wheel $(SKBUILD) -w dist .
	@ls dist/*.whl

format: $(VENV)/requirements
	$(LLVM_BIN)/clang-format -i $(CXX_SOURCES)
	$(BIN)/ruff check -q --fix .
	$(BIN)/ruff format -q .

check-format: $(VENV)/requirements
	$(LLVM_BIN)/clang-format --dry-run -Werror $(CXX_SOURCES)
	$(BIN)/ruff check -q .
	$(BIN)/ruff format -q --check .

clean:
	rm -rf build dist
