# make demo: try it. make test: prove it. The rest is for whoever works on it.
PYTHON ?= python3
BIN := .venv/bin
TESTS ?= tests
WORKERS ?= 2

.PHONY: demo demo-reset test test-integrations wordpress-plugin coverage check bench lock clean format words

.venv/.runtime: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Membership needs Python 3.11 or newer.")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

.venv/.dev: requirements-dev.txt .venv/.runtime
	$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

demo: .venv/.runtime
	@$(BIN)/python -m demo

demo-reset: .venv/.runtime
	rm -rf .demo
	@$(BIN)/python -m demo

RUN_TESTS := $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test: .venv/.dev check
	tests/system.sh
	$(RUN_TESTS) $(TESTS)

# What a newsroom uploads to its WordPress: the plugin with the PHP library and the words of its languages in it.
ZIP ?= membership.zip
wordpress-plugin: .venv/.dev
	rm -rf .plugin && mkdir .plugin && cp -RL integrations/wordpress/membership .plugin/
	$(BIN)/pybabel -q compile -i .plugin/membership/languages/membership-uk.po -o .plugin/membership/languages/membership-uk.mo
	cd .plugin && $(abspath $(BIN)/python) -m zipfile -c $(abspath $(ZIP)) membership
	rm -rf .plugin

# The same tests with other made-up examples each time: what fails here becomes a test of its own.
.PHONY: explore
explore: .venv/.dev
	tests/system.sh
	EXAMPLES=explore $(RUN_TESTS) $(TESTS)

# The same tests, watched: which lines and branches does none of them reach? It takes nearly twice as long.
coverage: .venv/.dev
	tests/system.sh
	rm -f .coverage*
	$(RUN_TESTS) --cov --cov-report= $(TESTS)
	$(BIN)/coverage report

# What sites put before or beside their pages, in the real programs: web servers, PHP, WordPress.
test-integrations: .venv/.dev
	tests/system.sh tests_integrations/system-packages.txt
	$(BIN)/pytest tests_integrations

check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint --lint --quiet templates membership/sandbox demo
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/vulture

.venv-oracle/.installed: requirements-oracle.txt
	test -x .venv-oracle/bin/python || $(PYTHON) -m venv .venv-oracle
	.venv-oracle/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-oracle.txt
	touch $@

bench: .venv/.dev .venv-oracle/.installed
	$(BIN)/python -m benchmarks

HISTORIES ?= 1000
SEED ?= 1

# Make up histories and compare money and access with the model, until one goes wrong.
.PHONY: proof
proof: .venv/.dev
	$(BIN)/python -m tests.proof --histories $(HISTORIES) --seed $(SEED)

# Run every proof of money and access at length, and write their figures into docs/reliability.md.
.PHONY: reliability
reliability: .venv/.dev
	$(BIN)/python -m tests.proof.page

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Collect the words of pages, letters and refusals, and bring the Ukrainian catalogue up to date.
words: .venv/.dev
	$(BIN)/pybabel -q extract -F babel.cfg -k N_ --no-location --sort-output \
	  --project=Membership --copyright-holder="The Membership contributors" -o membership/translations/messages.pot .
	$(BIN)/pybabel -q update --no-fuzzy-matching -i membership/translations/messages.pot -d membership/translations -l uk

lock: .venv/.dev
	for set in requirements requirements-dev requirements-oracle; do \
	  $(BIN)/uv pip compile --quiet --universal --no-strip-extras --generate-hashes --python-version 3.11 --no-emit-find-links \
	    --no-emit-index-url $$set.in -o $$set.txt || exit 1; done

clean:
	rm -rf .venv .venv-oracle .demo .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
