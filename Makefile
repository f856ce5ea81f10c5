# The commands a newcomer types. `make` alone lists them.

PRESET ?= release
LISTEN ?= 127.0.0.1:8080
DATA ?= var/demo
JOBS ?= $(shell nproc)

.DEFAULT_GOAL := help
.PHONY: help setup build openapi demo test bench differential lint format asan tsan fuzz crash clean

help: ## List the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## Install what is missing (Debian packages, npm packages, DuckDB)
	@scripts/setup.sh

build: setup ## Build build/release/rapport and console/dist
	@scripts/build.sh $(PRESET)

openapi: setup ## Write api/openapi.json as the program describes itself
	@scripts/build.sh $(PRESET) rapport
	@mkdir -p api && build/$(PRESET)/rapport openapi > api/openapi.json

demo: build ## Fill a demo shop and serve it on http://127.0.0.1:8080 (ONCE=1 ends after the checks)
	@build/$(PRESET)/rapport demo --data $(DATA) --listen $(LISTEN) --console console/dist \
	  $(if $(filter-out 0 no false,$(ONCE)),--once) $(DEMO_ARGS)

test: ## Install, build, run every test, close with one summary
	@scripts/test.sh

bench: setup ## Measure and write docs/performance.md
	@scripts/bench.sh

lint: setup ## Check floors, style, format, console
	@scripts/lint.sh

format: setup ## Apply the format
	@scripts/lint.sh --fix

differential: setup ## Hold the three evaluators of segments to each other (WORLDS=10000)
	@scripts/build.sh $(PRESET) segments_test
	@RAPPORT_SEGMENT_WORLDS=$(or $(WORLDS),10000) build/$(PRESET)/src/segments_test \
	  --gtest_filter='*Differential*'

asan: setup ## Unit tests with the address and undefined sanitizers
	@scripts/sanitize.sh asan

tsan: setup ## Unit tests with the thread sanitizer
	@scripts/sanitize.sh tsan

fuzz: setup ## Fuzz each target (FUZZ_SECONDS=60)
	@scripts/fuzz.sh

crash: build ## Kill it a hundred times while campaigns of 20,000 are sent; takes an hour
	@CRASH_ROUNDS=$(or $(CRASH_ROUNDS),100) CRASH_RECIPIENTS=$(or $(CRASH_RECIPIENTS),20000) \
	  node --test tests/crash/crash.test.js

clean: ## Remove what was built
	@rm -rf build console/dist
