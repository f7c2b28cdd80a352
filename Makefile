# Every target calls the command line or a tool; the logic is in Python.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: sim profile notebooks notebook-outputs bitstream test test-models fuzz check lint types format lock wheel clean-cache clean help

help: ## What there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

sim: $(READY) ## Run a model on the simulated SoC: MODEL= INPUT= CFU= BOARD= JSON=
	@$(BIN)/cfuforge sim $(if $(MODEL),--model '$(MODEL)') $(if $(INPUT),--input '$(INPUT)') \
	  $(if $(CFU),--cfu '$(CFU)') $(if $(BOARD),--board '$(BOARD)') $(if $(JSON),--json '$(JSON)')

profile: $(READY) ## Where a model's cycles go: MODEL= INPUT= CFU= BOARD= AGAINST= PAGE= JSON=
	@$(BIN)/cfuforge profile $(if $(MODEL),--model '$(MODEL)') $(if $(INPUT),--input '$(INPUT)') \
	  $(if $(CFU),--cfu '$(CFU)') $(if $(BOARD),--board '$(BOARD)') $(foreach one,$(AGAINST),--against '$(one)') \
	  $(if $(PAGE),--page '$(PAGE)') $(if $(JSON),--json '$(JSON)')

notebooks: $(READY) ## Open the notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks

notebook-outputs: $(READY) ## Run all notebooks and keep their outputs
	$(BIN)/python tests/notebooks/execute.py notebooks/*.ipynb

bitstream: $(READY) ## Build a board's bitstream: BOARD= CFU= MODEL= JSON=
	@$(BIN)/cfuforge bitstream --board '$(BOARD)' $(if $(CFU),--cfu '$(CFU)') \
	  $(if $(MODEL),--model '$(MODEL)') $(if $(JSON),--json '$(JSON)')

test: $(READY) ## Pass the tests
	$(BIN)/python -m pytest -n 2

test-models: $(READY) ## Run all real models on the simulated SoC: half an hour
	$(BIN)/python -m pytest -n 2 -m long

fuzz: $(READY) ## Fuzz the runtime with damaged models: EXECUTIONS= or SECONDS=, COVERAGE=no REPLAY= JSON=
	@nice $(BIN)/python tests/fuzz/campaign.py $(if $(EXECUTIONS),--executions $(EXECUTIONS)) \
	  $(if $(SECONDS),--seconds $(SECONDS)) $(if $(filter no,$(COVERAGE)),--no-coverage) \
	  $(if $(REPLAY),--replay '$(REPLAY)') $(if $(JSON),--json '$(JSON)')

check: lint types ## Lint and type check

lint: $(READY) ## Style of the Python sources
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## Types of the Python sources
	$(BIN)/python tests/types/check.py

format: $(READY) ## Rewrite the Python sources in the house's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(READY) ## Resolve the dependencies again, for every supported Python
	$(BIN)/uv pip compile -q --universal --fork-strategy fewest --python-version 3.10 \
	  --generate-hashes --no-header --no-annotate --all-extras pyproject.toml -o requirements.lock

wheel: $(READY) ## Build the wheel, into dist/
	$(BIN)/python -m build --quiet --wheel --no-isolation --outdir dist .

clean-cache: $(READY) ## Empty the cache of built things
	@$(BIN)/cfuforge cache clear

clean: ## Remove the virtual environment
	rm -rf .venv build dist

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/cfuforge setup
	@touch $@
