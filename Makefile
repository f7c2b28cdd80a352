# Every target calls the command line or a tool; the logic is in Python.

PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile -q --universal --fork-strategy fewest --python-version 3.10 \
  --generate-hashes --no-header --no-annotate pyproject.toml
READY := ready-sim ready-bitstream ready-notebooks ready-docs ready-test # which packages a target needs

.PHONY: size sim profile bench ladder notebooks notebook-outputs numbers boards builds docs bitstream test-quick test test-more test-models fuzz fuzz-parsers check lint types format lock wheel clean-cache clean help
.PHONY: $(READY)

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

sim: ready-sim ## Run a model on the simulated SoC: MODEL= INPUT= CFU= BOARD= CLOCK= JSON=
	@$(BIN)/cfuforge sim $(if $(MODEL),--model '$(MODEL)') $(if $(INPUT),--input '$(INPUT)') \
	  $(if $(CFU),--cfu '$(CFU)') $(if $(BOARD),--board '$(BOARD)') \
	  $(if $(CLOCK),--clock '$(CLOCK)') $(if $(JSON),--json '$(JSON)')

profile: ready-sim ## Show where a model's cycles go: MODEL= INPUT= CFU= BOARD= CLOCK= AGAINST= PAGE= JSON=
	@$(BIN)/cfuforge profile $(if $(MODEL),--model '$(MODEL)') $(if $(INPUT),--input '$(INPUT)') \
	  $(if $(CFU),--cfu '$(CFU)') $(if $(BOARD),--board '$(BOARD)') \
	  $(if $(CLOCK),--clock '$(CLOCK)') $(foreach one,$(AGAINST),--against '$(one)') \
	  $(if $(PAGE),--page '$(PAGE)') $(if $(JSON),--json '$(JSON)')

bench: ready-sim ## Show all designs' cycles beside the floors: MODELS=FOLDER WRITE= JSON=
	@$(BIN)/cfuforge bench $(if $(MODELS),--models '$(MODELS)') $(if $(WRITE),--write '$(WRITE)') \
	  $(if $(JSON),--json '$(JSON)')

ladder: ready-sim ## Show a model's cycles and areas from plain C to engine: MODEL= JSON=
	@$(BIN)/cfuforge ladder $(if $(MODEL),--model '$(MODEL)') $(if $(JSON),--json '$(JSON)')

notebooks: ready-notebooks ## Open the notebooks in JupyterLab
	$(BIN)/jupyter lab --allow-root --LabApp.extra_labextensions_path=cfuforge/lab notebooks

notebook-outputs: ready-test ## Run all notebooks and store their outputs
	$(BIN)/python tests/notebooks/execute.py notebooks/*.ipynb

numbers: ready-test ## Write the numbers in README, cfu/README and docs/reference/bench.md anew: MODELS=FOLDER
	$(BIN)/cfuforge bench --models '$(MODELS)' --write docs/reference/bench.md
	$(BIN)/python tests/support/readme.py

boards: ready-test ## Write what models take on boards in README, soc/README and docs/reference/speed.md anew: MODELS=FOLDER BOARDS=
	$(BIN)/cfuforge bench --models '$(MODELS)' $(foreach one,$(or $(BOARDS),sim arty ulx3s fomu),--board '$(one)') \
	  --write docs/reference/speed.md
	$(BIN)/python tests/support/speeds.py

builds: ready-test ## Write the table of builds in gateware/README anew: REPORTS='build/ulx3s/report.json ...'
	$(BIN)/python tests/support/builds.py $(REPORTS)

docs: ready-docs ## Build the documentation, into build/docs
	$(BIN)/python -m sphinx -q -E -W --keep-going -c docs -d build/doctrees . build/docs

bitstream: ready-bitstream ## Build a board's bitstream: BOARD= CFU= CLOCK= MODEL= or PROGRAM= JSON=
	@$(BIN)/cfuforge bitstream --board '$(BOARD)' $(if $(CFU),--cfu '$(CFU)') $(if $(CLOCK),--clock '$(CLOCK)') \
	  $(if $(MODEL),--model '$(MODEL)') $(if $(PROGRAM),--program '$(PROGRAM)') $(if $(JSON),--json '$(JSON)')

test-quick: ready-test ## Run the tests that need no board, browser, notebook or package
	$(BIN)/python -m pytest -n 2 --dist worksteal -m 'not (long or more or outer)' --hypothesis-profile quick $(TESTS)

test: ready-test ## Run the tests: TESTS=
	$(BIN)/python -m pytest -n 2 --dist worksteal $(TESTS)

test-more: ready-test ## Run what CI also tests: more boards and variants, all random examples
	$(BIN)/python -m pytest -n 2 --dist worksteal -m '(more or random) and not long' --hypothesis-profile thorough

test-models: ready-test ## Run the longest tests: all real models, every board and variant
	$(BIN)/python -m pytest -n 2 --dist worksteal -m long

fuzz: ready-test ## Fuzz the runtime with damaged models: EXECUTIONS= or SECONDS=, COVERAGE=no REPLAY= JSON=
	@nice $(BIN)/python tests/fuzz/campaign.py $(if $(EXECUTIONS),--executions $(EXECUTIONS)) \
	  $(if $(SECONDS),--seconds $(SECONDS)) $(if $(filter no,$(COVERAGE)),--no-coverage) \
	  $(if $(REPLAY),--replay '$(REPLAY)') $(if $(JSON),--json '$(JSON)')

fuzz-parsers: ready-test ## Fuzz the readers of files and devices in Python: EXECUTIONS= SEED= REPLAY=
	@nice $(BIN)/python tests/fuzz/parser_campaign.py $(if $(EXECUTIONS),--executions $(EXECUTIONS)) \
	  $(if $(SEED),--seed $(SEED)) $(if $(REPLAY),--replay '$(REPLAY)')

check: lint types ## Lint and type check

lint: ready-test ## Check the style of the Python sources
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: ready-test ## Check the types of the Python sources
	$(BIN)/python tests/types/check.py

size: ## Count the lines of the product, by folder
	@'$(PYTHON)' tests/packaging/size.py

format: ready-test ## Reformat the Python sources
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ready-test ## Resolve the dependencies again, for every supported Python
	$(COMPILE) --all-extras -o requirements-test.lock
	$(COMPILE) -c requirements-test.lock --extra checkout -o requirements-sim.lock
	$(COMPILE) -c requirements-test.lock --extra checkout --extra bitstream -o requirements-bitstream.lock
	$(COMPILE) -c requirements-test.lock --extra checkout --extra notebook -o requirements-notebooks.lock
	$(COMPILE) -c requirements-test.lock --extra checkout --extra docs -o requirements-docs.lock

wheel: ready-test ## Build the wheel, into dist/
	$(BIN)/python -m build --quiet --wheel --no-isolation --outdir dist .

clean-cache: ready-sim ## Empty the cache of build results
	@$(BIN)/cfuforge cache clear

clean: ## Remove the virtual environment
	rm -rf .venv build dist

$(READY): ready-%:
	@'$(PYTHON)' -I cfuforge/environment.py $*
