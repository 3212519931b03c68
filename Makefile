# make run    install, index the example articles, open the page
# make test   install what the tests need, then lint, type-check and run all tests (JOBS=N: files at the same time)
# make check  lint and type-check only
# make soak   the long fault and load tests
# make reader DATA=FOLDER WORK=FOLDER   trains the reader: from question sets to weights (START=FILE, EPOCHS=N)
# make calibrate DATA=FOLDER   fits the confidence to the reader in use

VENV ?= .venv
PYTHON ?= python3
INDEX ?= my-articles
START ?= base
EPOCHS ?= 2
JOBS ?= 2
BIN := $(VENV)/bin

.PHONY: run test check soak reader calibrate install install-test clean

run: install
	$(BIN)/pullquote add examples --index $(INDEX)
	$(BIN)/pullquote serve --index $(INDEX) --open

test: check
	$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile

check: install-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

soak: install-test
	$(BIN)/python -m pytest -q -m soak --timeout 7200 -s

reader: install
	@test -n "$(DATA)" && test -n "$(WORK)" || { echo "make reader: give DATA=FOLDER (question sets) and WORK=FOLDER"; exit 2; }
	$(BIN)/python -m benchmarks.training_data --data $(DATA) --out $(WORK)/data
	$(BIN)/pullquote train-reader $(WORK)/data/*.jsonl --out $(WORK) --start $(START) --epochs $(EPOCHS)

calibrate: install
	@test -n "$(DATA)" || { echo "make calibrate: give DATA=FOLDER (question sets)"; exit 2; }
	$(BIN)/python -m benchmarks.calibrate --data $(DATA)

install: $(VENV)/.installed

install-test: $(VENV)/.installed-test
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || sh tests/install_chromium.sh

$(VENV)/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[test,writer,milvus]'
	touch $@

clean:
	rm -rf $(VENV) $(INDEX) build dist *.egg-info
