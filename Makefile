# Each target is a file in scripts/. PYTHON picks the interpreter that the environment is made with.
PYTHON ?= $(shell sh scripts/find-python.sh)
VENV_PYTHON = .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)/python
ARGS ?=

.PHONY: setup lab demo test lint wheel clean

setup: ## Make .venv, build everything, download the default model.
	@$(PYTHON) scripts/setup.py $(ARGS)

lab: ## Open JupyterLab on a copy of the demo notebook. ARGS="--no-browser --port 9999" are handed on.
	@$(PYTHON) scripts/setup.py
	@$(VENV_PYTHON) scripts/lab.py $(ARGS)

demo: ## The same agent without a browser, on a copy of the demo notebook.
	@$(PYTHON) scripts/setup.py
	@$(VENV_PYTHON) scripts/demo.py $(ARGS)

test: ## Everything that must hold; the last line sums it up. ARGS="pytest jest" runs those stages alone.
	@$(PYTHON) scripts/setup.py --for-tests
	@$(VENV_PYTHON) scripts/run_tests.py $(ARGS)

lint: ## The checks that need no running program.
	@$(PYTHON) scripts/setup.py --no-model
	@$(VENV_PYTHON) scripts/run_tests.py ruff ruff-format mypy import-linter front-end-lint tsc

wheel: ## Build the sdist and the wheel into dist/.
	@$(PYTHON) scripts/setup.py --no-model
	@$(VENV_PYTHON) scripts/build_wheel.py

clean: ## Remove what was built; the environment and the caches stay.
	rm -rf build dist lib coverage tsconfig.tsbuildinfo jupyter_oci/labextension .demo .venv/stamps
