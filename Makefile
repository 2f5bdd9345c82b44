# Go alone is enough for run, build and test. The other targets say what they need, and install it where they can.

.DEFAULT_GOAL := help
.PHONY: help run kassa build test race bench-book bench load calendar explore bites nightly fire lint template sam moto iam package reproducible deploy deployment vulnerabilities browser pictures snippets bitrix signatures renegotiation fuzz exchanges contract

GOLANGCI_LINT := 2.15.0
GOVULNCHECK   := 1.9.0
SCHEMATHESIS  := 4.32.5

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

run: ## the whole checkout on this machine; PORT and KASSA_DATA move it
	@go run ./infra/local

# The race detector looks at what runs something at once or shares it: packages with such a line in a file (infra/house holds that
# no other does). It makes TLS and long walks three to five times as dear, so the slowest of them have a target of their own.
ATONCE := ^\s*(go|select) |"(sync|sync/atomic|testing/synctest)"$$|\.Parallel\(
RACED  := go list $$(grep -rlE --include='*.go' --exclude-dir=testdata --exclude-dir='.?*' '$(ATONCE)' . | sed 's,/[^/]*$$,,' | sort -u)
SLOW   := ./infra/e2e ./shared/checkout ./shared/dynamo ./infra/bench/run ./infra/docs ./infra/explore/search ./infra/explore/town \
	./infra/kassa ./infra/local/engine ./infra/local/stack ./infra/scale ./shared/api/contract ./shared/bank/kapital/txpg \
	./shared/bank/kartapokupok ./shared/checkout/field ./shared/checkout/outbox ./shared/shop ./infra/local/demoshop ./infra/console \
	./shared/bank/kapital/xml

# Memory is plenty, and collecting its garbage would be a fifth of the work of tests, of the compiler and of the linker.
test race calendar turn explore nightly lint: export GOGC ?= 400

# No debugger reads the tests' programs, and what it would want is a third of the linker's work (-s -w). Vet comes with make lint.
test: ## everything that Go alone can test; with the race detector where there is a C compiler
	@if command -v "$$(go env CC)" >/dev/null; then \
		echo "with the race detector: what runs something at once, but $(SLOW), which make race looks at"; \
		$(MAKE) --no-print-directory -k -j2 raced unraced; \
	else echo "no C compiler: tests run without the race detector"; go test -vet=off '-ldflags=-s -w' ./...; fi

# Both at once, and twice as many packages as there are processors, the longest first: some of them wait most of the time.
.PHONY: raced unraced
raced:
	@CGO_ENABLED=1 go test -race -vet=off '-ldflags=-s -w' $$($(RACED) | grep -vxF "$$(go list $(SLOW))")
unraced:
	@slow=$$(go list $(SLOW)) && all=$$(go list ./...) && raced=$$($(RACED) | grep -vxF "$$slow") && \
		go test -p $$((2 * $$(getconf _NPROCESSORS_ONLN))) -vet=off '-ldflags=-s -w' \
		$$slow $$(echo "$$all" | grep -vxF "$$raced" | grep -vxF "$$slow")

# The programs of infra/e2e are processes of their own, which its race detector does not see; what runs beside them has its own tests.
# DAYS spreads the packages over so many days, but not the one in which money moves.
DAYS ?= 1

race: ## with the race detector, too, what make test tests without it for its speed; what only computes does less; DAYS=3: a third a day
	CGO_ENABLED=1 go test -race -vet=off '-ldflags=-s -w' -short -timeout 30m $$(printf '%s\n' $(filter-out ./infra/e2e,$(SLOW)) | \
		awk -v days=$(DAYS) -v today=$$(($$(date +%s) / 86400)) 'NR % days == today % days || $$0 == "./shared/checkout"')

# BASE is a revision whose Initiate is measured beside today's, if one is wanted.
BASE ?=

bench: ## how fast and small the functions are, beside a bare handler, the SDK and Node; BASE=revision; writes docs/performance.md; needs Linux
	go run ./infra/bench/run -base '$(BASE)'

# How long payments are made; with 0 the figures of the last load stay.
MINUTES ?= 60

load: ## how quick make run is, and what it holds after MINUTES of payments; writes docs/performance.md; needs Linux
	go run ./infra/bench/local -minutes $(MINUTES)

# Each is measured so many times. The engine runs within the test here, and collects its garbage as make run has it.
TIMES ?= 20

bench-book: ## how long staff wait for lists, sums, searches and the console's pages of a month of 100,000 payments
	GOGC=400 go test ./infra/kassa -run '^$$' -bench Book -benchtime $(TIMES)x -timeout 120m

# WHEN is a date, a time in UTC, a distance in days, or "turn" for the one whose turn it is today.
calendar: ## the same suite on four other days, one after the other; WHEN=2038-01-20 or WHEN=+400d for one
	@go run ./infra/calendar -when '$(WHEN)'

.PHONY: turn
turn: ## the same suite under the clock whose turn it is today
	@go run ./infra/calendar -when turn

explore: ## every short history of a payment, with each fault at each call and any two at once, driven to rest; ARGS="-events 2"
	@go run ./infra/explore $(ARGS)

LIMIT ?= 6h

nightly: ## longer histories, with two faults, as far as LIMIT lets it come: LIMIT=30m ARGS="-bank xml"
	@go run ./infra/explore -events 4 -faults 2 -limit $(LIMIT) $(ARGS)

# KILLS is how many processes die. ARGS="-fire-seed N" draws what an earlier run drew; "-fire-keep" keeps what was counted.
KILLS ?= 1000

fire: ## functions, engine and banks as processes of their own, killed KILLS times under load; counts what is lost; needs Linux
	go test -count=1 -timeout 6h ./infra/e2e -run TestUnderFire -v -kills $(KILLS) $(ARGS)

bites: ## do the tests notice mistakes? ARGS="-days 9" for today's, ARGS=-mutants for the mutation score; docs/reliability.md
	@go run ./infra/bites $(ARGS)

# Without a seed one is drawn, and printed.
PAYMENTS ?= 1000000
SEED     ?=

.PHONY: lives
lives: ## random lives of PAYMENTS payments in several shops, under faults, driven to rest; SEED=n draws the same again
	@GODEBUG=adaptivestackstart=1 go run ./infra/explore/lives -payments $(PAYMENTS) $(if $(SEED),-seed $(SEED)) $(ARGS)

kassa: ## the command that sets shops up and looks after payments: .build/kassa
	go build -buildvcs=false -trimpath -o .build/kassa ./infra/kassa

FUNCTIONS := Initiate StatusPoll Refund Instalments Callback ExpirySweep Notify BitrixCheckout

build: ## every function, as it is deployed
	@for f in $(FUNCTIONS); do $(MAKE) --no-print-directory build-$$f ARTIFACTS_DIR=.build/$$f || exit 1; done

# `sam build` calls build-<LogicalId>. StatusPoll lives in functions/status-poll. What no function speaks is left out of
# its library: Lambda's RPC of old, and HTTP/2.
build-%:
	@mkdir -p "$(ARTIFACTS_DIR)"
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -buildvcs=false -tags lambda.norpc,nethttpomithttp2 -trimpath -ldflags "-s -w" \
		-o "$(ARTIFACTS_DIR)/bootstrap" ./functions/$$(echo $* | sed 's/\(.\)\([A-Z]\)/\1-\2/g' | tr A-Z a-z)

# Tools are installed once into .cache, at the versions named above.
.cache/golangci-lint-$(GOLANGCI_LINT)/golangci-lint:
	GOBIN="$(CURDIR)/$(@D)" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI_LINT)

# Python's tools for AWS, every version pinned: aws is the SAM CLI with cfn-lint and the translator, and moto; checkov has its own.
.cache/python/%/ready: infra/proof/tools/%.txt
	python3 -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.cache/schemathesis-$(SCHEMATHESIS)/bin/schemathesis:
	python3 -m venv .cache/schemathesis-$(SCHEMATHESIS)
	.cache/schemathesis-$(SCHEMATHESIS)/bin/pip install --quiet --disable-pip-version-check schemathesis==$(SCHEMATHESIS)

lint: .cache/golangci-lint-$(GOLANGCI_LINT)/golangci-lint ## gofmt, vet and the chosen linters
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$< run --build-tags browser,bitrix,canaries,contract,template,openssl ./...

AWS     := .cache/python/aws/bin
CHECKOV := .cache/python/checkov/bin/checkov --config-file infra/proof/tools/checkov.yaml
SAM     := SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-eu-central-1} $(AWS)/sam
PROOF   := go test -tags template -count=1

# What CloudFormation gets to see. The translator has put the value of Rollout in, so cfn-lint finds it unused (W2001); the other two
# are those of the template's own Metadata, which the command line overrides. It also asks a route's condition three times (W1028).
.build/template.json: template.yaml .cache/python/aws/ready infra/proof/python/translate.py
	@mkdir -p $(@D)
	$(AWS)/python infra/proof/python/translate.py $< > $@.part && mv $@.part $@

template: .build/template.json .cache/python/checkov/ready ## our rules, cfn-lint and checkov on template.yaml, as written and translated; needs Python
	$(AWS)/cfn-lint -c I -- template.yaml
	$(AWS)/cfn-lint -c I -i W2001 W1028 W1030 W1033 -- .build/template.json
	$(CHECKOV) -f template.yaml .build/template.json
	$(PROOF) -skip 'Moto|Role|Reason|Package|Deployment' ./infra/proof

sam: .cache/python/aws/ready ## sam validate and sam build, without Docker; needs Python
	$(SAM) validate --lint
	$(SAM) build --build-in-source --build-dir .build/sam

moto: .cache/python/aws/ready ## makes the table, roles and queues in moto, and runs the store's and the shops' suites on it; needs Python
	$(PROOF) -v -run Moto ./infra/proof

# The calls that the functions made, left by a whole end-to-end run such as that of `make test`.
.build/uses.json: $(wildcard $(shell git ls-files "*.go" template.yaml 2>/dev/null))
	go test -count=1 ./infra/e2e

iam: .build/uses.json .cache/python/aws/ready ## each role against the calls that its function made; needs Python
	$(PROOF) -v -run 'Role|Comparison|Reason' ./infra/proof

PACKAGE  ?= .build/package
SETTINGS ?=

package: ## what a deployment uploads, the same bytes every time, with its list of parts (SBOM): .build/package
	@for f in $(FUNCTIONS); do $(MAKE) --no-print-directory build-$$f ARTIFACTS_DIR="$(PACKAGE)/$$f" || exit 1; done
	go run ./infra/pack template.yaml "$(PACKAGE)" "$(SETTINGS)"
	@cat "$(PACKAGE)/SHA256SUMS"

reproducible: .cache/python/aws/ready ## packs twice, in two places, and uploads to moto; needs Python
	$(PROOF) -v -run Package ./infra/proof

# The first time of a stage it asks for what every deployment sets and keeps the answers in samconfig.toml; then it asks for nothing but
# a yes. With PARAMETERS="AllowedOrigins=https://shop.example AlarmEmail=..." it asks for nothing at all. Both reach the command by the
# environment, so that no shell looks into them, and as they were typed: make would take a dollar sign for one of its own.
override STAGE := $(value STAGE)
override PARAMETERS := $(value PARAMETERS)
export STAGE PARAMETERS
deploy: .cache/python/aws/ready ## STAGE=prod: to the AWS account whose credentials are in the environment
	@go run ./infra/deploy $(AWS) "$(PACKAGE)"

deployment: .cache/python/aws/ready ## make deploy as docs/deploy.md tells it, from a fresh copy, as far as moto goes; needs Python
	$(PROOF) -v -run Deployment ./infra/proof

vulnerabilities: ## govulncheck; asks its database on the internet, so it is no part of .ci/run
	go run golang.org/x/vuln/cmd/govulncheck@v$(GOVULNCHECK) ./...

# axe-core, which finds whom a page shuts out, as infra/browser/package-lock.json pins it.
.cache/browser/ready: infra/browser/package.json infra/browser/package-lock.json
	@command -v npm >/dev/null || { echo "make browser needs npm (on Debian: nodejs npm)"; exit 1; }
	@mkdir -p $(@D)
	cp $^ $(@D)
	cd $(@D) && npm ci --silent --no-audit --no-fund
	@touch $@

browser: .cache/browser/ready ## pays, declines, cancels and refunds in headless Chromium, and works in the console; screenshots go to .build; needs npm
	go test -tags browser -count=1 -v ./infra/browser

pictures: .cache/browser/ready ## takes the console's pictures in docs/pictures anew; needs Chromium, npm
	go test -tags browser -count=1 ./infra/browser -run TestConsole/desktop -docs-pictures

snippets: ## every program of docs/ is run; needs PHP, Node, Python, MariaDB and curl
	KASSA_SNIPPETS=all go test -count=1 ./infra/docs

# The parser that tells PHP 7.4 from later versions, as storefront/bitrix/tests/package-lock.json pins it.
.cache/bitrix/ready: storefront/bitrix/tests/package.json storefront/bitrix/tests/package-lock.json
	@mkdir -p $(@D)
	cp $^ $(@D)
	cd $(@D) && npm ci --silent --no-audit --no-fund
	@touch $@

.PHONY: php
php:
	@for p in php phpunit phpcs node npm; do command -v $$p >/dev/null || { \
		echo "make bitrix needs $$p (on Debian: php-cli php-curl php-mbstring php-xml phpunit php-codesniffer nodejs npm)"; exit 1; }; done
	@for m in curl mbstring dom; do php -r "exit(extension_loaded('$$m') ? 0 : 1);" || { \
		echo "make bitrix needs PHP's extension $$m (on Debian: php-curl php-mbstring php-xml)"; exit 1; }; done

bitrix: php .cache/bitrix/ready ## the payment handler for 1C-Bitrix, alone and against the running checkout; ONLY=name for one scenario; needs PHP, Node
	NODE_PATH="$(CURDIR)/.cache/bitrix/node_modules" phpunit -c storefront/bitrix/tests/phpunit.xml --testsuite static,unit
	go test -tags bitrix -count=1 -v ./infra/bitrix

renegotiation: ## a server that asks for our certificate by renegotiation, which Go's cannot; needs OpenSSL
	go test -count=1 -tags openssl ./shared/bank/exchange -run 'Renegotiation|HandshakeFailure|OpenSSL'

signatures: ## a million random alterations of a signed callback, none of which may be accepted
	go test ./shared/bank/kartapokupok -run RandomAlterations -alterations 1000000

# It leads two hundred payments through their lives, which is a minute.
.PHONY: canaries
canaries: ## plants a word of its own in every field of every input, and looks for each in all that comes out
	go test -tags canaries -count=1 -run '^TestCanaries$$' ./infra/e2e

contract: .cache/schemathesis-$(SCHEMATHESIS)/bin/schemathesis ## schemathesis looks for answers that openapi.yaml does not know; needs Python
	go test -tags contract -count=1 -v ./infra/contract -schemathesis "$(CURDIR)/$<"

exchanges: ## records anew what openapi.yaml is held to, where a handler has learned something
	@rm -rf .build/exchanges && mkdir -p .build/exchanges
	KASSA_EXCHANGES="$(CURDIR)/.build/exchanges" go test -count=1 ./functions/...
	go test -count=1 -v ./shared/api/contract -run TestNothingCanBeTakenAway -choose "$(CURDIR)/.build/exchanges"

fuzz: ## every decoder by turns for MINUTES, the least fuzzed first; ARGS="-only shared/api"; adds to docs/security.md
	@go run ./infra/fuzz -minutes $(MINUTES) $(ARGS)
