.DEFAULT_GOAL := help
SOURCES := $(shell find src -name '*.ts')

.PHONY: help play build board test lint bench tools images clean

help: ## show these lines
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

play: build ## install, start and serve the game on http://localhost:8080
	@exec bin/shambhala serve

build: dist/main.js ## compile the server into dist/

board: build ## serve the game with a real Kubernetes node and a registry on this machine (Linux, root, after make tools)
	@exec node --import tsx test/helpers/board/serve.ts

test: node_modules/.package-lock.json ## install and run all tests
	@tools/build schemathesis > /dev/null || echo 'Without it the API is not fuzzed; all other tests run.' >&2
	@node --import tsx test/run.ts

lint: node_modules/.package-lock.json ## ESLint, Prettier, types, and the hunt's own files
	@npx eslint --max-warnings 0 . && npx prettier --check . && npx tsc -p tsconfig.json && node --import tsx src/main.ts lint challenges

bench: build ## run every benchmark, one table line each
	@for file in bench/*.bench.ts; do node --expose-gc --import tsx $$file || exit 1; done

tools: ## build what the test board needs into .tools/ (needs Go; tells first how long it takes)
	@tools/build

images: ## build the images of the server, the toolbox, the village and the hearth into .tools/images/ (Linux, root, buildah, debootstrap)
	@tools/images .tools/images

clean: ## remove what was built and the test database; the hunt's data in .data/ stay
	@[ ! -d node_modules ] || for part in node board postgres; do node --import tsx test/helpers/$$part.ts --stop; done
	rm -rf dist node_modules test-results $${TMPDIR:-/tmp}/shambhala-images-$$(id -un)

node_modules/.package-lock.json: package.json package-lock.json
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

dist/main.js: node_modules/.package-lock.json tsconfig.json tsconfig.build.json $(SOURCES)
	@npx tsc -p tsconfig.build.json
	@touch $@
