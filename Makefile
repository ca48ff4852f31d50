# Two commands do everything on a fresh Debian machine: `make run` and `make test`.

# the system's Python first: Debian builds it with profile-guided optimisation, which is worth 20 % of all that Python does
PYTHON ?= $(firstword $(wildcard /usr/bin/python3.1[1-9]) python3)
VENV   := .venv
BIN    := $(VENV)/bin
VAR    := var
LISTEN ?= 127.0.0.1:5060
CFG    ?= cfg/kahea.cfg
# what each command needs of Debian's packages
BUILD_PACKAGES := python3-venv python3-dev gcc libc6-dev
TEST_PACKAGES  := sip-tester sipsak baresip-core iproute2
# what differential tests and benchmarks compare with; apart, since installing it may start its service on port 5060
ORACLE_PACKAGES := kamailio kamailio-python3-modules kamailio-tls-modules

.PHONY: help run test test-sanitized lint bench bench-parser bench-script bench-kernel fuzz build install docs clean packages test-packages oracle

help:
	@echo "make run      build, start the server in the foreground on $(LISTEN)"
	@echo "make test     install what the tests need, run them all"
	@echo "make test-sanitized  the same on a kernel built with AddressSanitizer and UndefinedBehaviorSanitizer"
	@echo "make lint     ruff and mypy"
	@echo "make oracle   install Debian's Kamailio: differential tests then ask it too, not only what it once answered"
	@echo "make bench    Kamailio and Kahea alternated under the same load (ARGS=--help)"
	@echo "make bench-kernel  ns of locks, shared memory and timers, beside the C library's"
	@echo "make bench-parser  ns a message of the parser"
	@echo "make bench-script  ns a statement of the routing script, beside the same in Python by hand"
	@echo "make fuzz     coverage-guided fuzzing of parser and message builder (FUZZ_TIME=60 seconds; needs clang)"
	@echo "make install  install the package for the Python that PYTHON names"
	@echo "make docs     reference pages of modules and of KEMI functions, in $(VAR)/docs"
	@echo "make clean    remove what was built"

# the virtual environment, and the native kernel built in place; both only when something is older than it should be
$(BIN)/python:
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null && command -v gcc >/dev/null || $(MAKE) --no-print-directory packages
	@echo "creating $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml setup.py | $(BIN)/python
	@echo "installing dependencies into $(VENV)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check 'setuptools>=77' 'cffi>=1.16'
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-build-isolation -e .
	@touch $@

$(VENV)/.tools: $(VENV)/.installed
	@echo "installing what tests and lint need"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-build-isolation -e '.[test,lint]'
	@touch $@

$(VENV)/.built: $(VENV)/.installed $(wildcard src/*.[ch] src/*/*.[ch]) src/native_build.py
	@echo "building the native kernel"
	@$(BIN)/python setup.py -q build_ext --inplace
	@touch $@

build: $(VENV)/.built

packages:
	@$(call apt,$(BUILD_PACKAGES))

test-packages:
	@missing=""; for tool in sipp:sip-tester sipsak:sipsak baresip:baresip-core ip:iproute2; do \
		command -v $${tool%%:*} >/dev/null || missing="$$missing $${tool##*:}"; done; \
	if [ -n "$$missing" ]; then $(call apt,$$missing); fi

oracle:
	@dpkg -s $(ORACLE_PACKAGES) >/dev/null 2>&1 || { $(call apt,$(ORACLE_PACKAGES)); }

# apt-get where it may be used; else a sentence, and what needs the tools is skipped
apt = if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		echo "installing:$(1)"; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1) >/dev/null \
		|| { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1) >/dev/null; } \
		|| echo "WARNING: could not install:$(1); tests that need it are SKIPPED"; \
	elif command -v apt-get >/dev/null && command -v sudo >/dev/null && sudo -n true 2>/dev/null; then \
		echo "installing:$(1)"; sudo DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1) >/dev/null \
		|| echo "WARNING: could not install:$(1)"; \
	else echo "WARNING: please install:$(1) (no right to do it); tests that need it are SKIPPED"; fi

run: build
	@mkdir -p $(VAR)/run
	@$(BIN)/python -m kahea.tools.welcome $(LISTEN)
	@exec $(BIN)/kahea -f $(CFG) -DD -E -w . -Y $(CURDIR)/$(VAR)/run -P $(VAR)/run/kahea.pid -A 'LISTEN=$(LISTEN)'

test: build $(VENV)/.tools test-packages
	@$(BIN)/python -m pytest -n auto $(ARGS)

test-sanitized: build $(VENV)/.tools test-packages
	@$(BIN)/python -m kahea.tests.support.sanitized $(ARGS)

lint: build $(VENV)/.tools
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(call typecheck,$(FOLDERS))

# mypy names modules after folders, so it gets to see this one as `kahea`, whatever the checkout is called
FOLDERS   := cfg core locking mem modules parser src tests tools
typecheck  = dir=$$(mktemp -d) && ln -s "$(CURDIR)" $$dir/kahea && cd $$dir && "$(CURDIR)/$(BIN)/mypy" \
		--config-file kahea/pyproject.toml --cache-dir "$(CURDIR)/.mypy_cache" $(addprefix kahea/,$(1)); \
		code=$$?; rm -rf $$dir; exit $$code

bench: build
	@$(BIN)/python -m kahea.tools.bench $(ARGS)

bench-kernel: build
	@$(BIN)/python -m kahea.tools.bench.kernel.run $(ARGS)

bench-script: build
	@$(BIN)/python -m kahea.tools.bench.script_bench

bench-parser: build
	@$(BIN)/python -m kahea.tools.bench.parser.main

FUZZ_TIME ?= 60
fuzz: build
	@ls /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-* >/dev/null 2>&1 || { $(call apt,clang libclang-rt-14-dev); }
	@$(BIN)/python -m kahea.tools.fuzz.main --time $(FUZZ_TIME) $(ARGS)

install:
	@$(PYTHON) -m pip install .

docs: build
	@$(BIN)/python -m kahea.tools.docs $(VAR)/docs

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis src/_native.c src/_native*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
