# Go alone is enough for run, build and test. The other targets say what they need, and install it where they can.

.DEFAULT_GOAL := help
.PHONY: help run kassa build test lint template browser snippets signatures fuzz exchanges contract

GOLANGCI_LINT := 2.15.0
CFN_LINT      := 1.58.0
SCHEMATHESIS  := 4.32.5
FUZZTIME      ?= 10s

help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: ## the whole checkout on this machine; PORT and KASSA_DATA move it
	@go run ./infra/local

test: ## everything that needs Go alone; with the race detector where there is a C compiler
	@if command -v "$$(go env CC)" >/dev/null; then echo "go test -race ./..."; CGO_ENABLED=1 go test -race ./...; \
	else echo "no C compiler: tests run without the race detector"; go test ./...; fi

kassa: ## the command that sets shops up and looks after payments: .build/kassa
	go build -buildvcs=false -trimpath -o .build/kassa ./infra/kassa

FUNCTIONS := Initiate StatusPoll Refund Instalments Callback ExpirySweep Notify

build: ## every function, as it is deployed
	@for f in $(FUNCTIONS); do $(MAKE) --no-print-directory build-$$f ARTIFACTS_DIR=.build/$$f || exit 1; done

# `sam build` calls build-<LogicalId>. StatusPoll lives in functions/status-poll.
build-%:
	@mkdir -p "$(ARTIFACTS_DIR)"
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -buildvcs=false -tags lambda.norpc -trimpath -ldflags "-s -w" \
		-o "$(ARTIFACTS_DIR)/bootstrap" ./functions/$$(echo $* | sed 's/\(.\)\([A-Z]\)/\1-\2/g' | tr A-Z a-z)

# Tools are installed once into .cache, at the versions named above.
.cache/golangci-lint-$(GOLANGCI_LINT)/golangci-lint:
	GOBIN=$(CURDIR)/$(@D) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI_LINT)

.cache/cfn-lint-$(CFN_LINT)/bin/cfn-lint:
	python3 -m venv $(CURDIR)/.cache/cfn-lint-$(CFN_LINT)
	.cache/cfn-lint-$(CFN_LINT)/bin/pip install --quiet --disable-pip-version-check cfn-lint==$(CFN_LINT)

.cache/schemathesis-$(SCHEMATHESIS)/bin/schemathesis:
	python3 -m venv $(CURDIR)/.cache/schemathesis-$(SCHEMATHESIS)
	.cache/schemathesis-$(SCHEMATHESIS)/bin/pip install --quiet --disable-pip-version-check schemathesis==$(SCHEMATHESIS)

lint: .cache/golangci-lint-$(GOLANGCI_LINT)/golangci-lint ## gofmt, vet and the chosen linters
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$< run --build-tags browser,contract ./...

template: .cache/cfn-lint-$(CFN_LINT)/bin/cfn-lint ## cfn-lint on template.yaml; needs Python
	$< template.yaml

browser: ## pays, declines, cancels and refunds in headless Chromium; screenshots go to .build/screenshots
	go test -tags browser -count=1 -v ./infra/browser

snippets: ## every program of docs/ is run; needs PHP, Node, Python and curl
	KASSA_SNIPPETS=all go test -count=1 ./infra/docs

signatures: ## a million random alterations of a signed callback, none of which may be accepted
	go test ./shared/bank/kartapokupok -run RandomAlterations -alterations 1000000

contract: .cache/schemathesis-$(SCHEMATHESIS)/bin/schemathesis ## schemathesis looks for answers that openapi.yaml does not know; needs Python
	go test -tags contract -count=1 -v ./infra/contract -schemathesis $(CURDIR)/$<

exchanges: ## records anew what openapi.yaml is held to, where a handler has learned something
	@rm -rf .build/exchanges && mkdir -p .build/exchanges
	KASSA_EXCHANGES=$(CURDIR)/.build/exchanges go test -count=1 ./functions/...
	go test -count=1 -v ./shared/api/contract -run TestNothingCanBeTakenAway -choose $(CURDIR)/.build/exchanges

fuzz: ## every decoder for FUZZTIME each
	@for p in $$(go list ./...); do \
		for f in $$(go test -list '^Fuzz' $$p 2>/dev/null | grep '^Fuzz'); do \
			echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$p || exit 1; done; done
