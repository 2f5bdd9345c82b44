# Go alone runs everything here; targets that need more say so.

.DEFAULT_GOAL := build
.PHONY: run build test

run: ## the whole checkout on this machine; PORT and KASSA_DATA move it
	@echo "kassa: building the local host"
	@go build -o .build/kassa ./infra/local
	@exec .build/kassa # not by go run, which would not pass SIGTERM on

test:
	go test ./...

FUNCTIONS := Initiate StatusPoll Refund Callback ExpirySweep

build: ## every function, as it is deployed
	@for f in $(FUNCTIONS); do $(MAKE) --no-print-directory build-$$f ARTIFACTS_DIR=.build/$$f || exit 1; done

# `sam build` calls build-<LogicalId>. StatusPoll lives in functions/status-poll.
build-%:
	@mkdir -p "$(ARTIFACTS_DIR)"
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -buildvcs=false -tags lambda.norpc -trimpath -ldflags "-s -w" \
		-o "$(ARTIFACTS_DIR)/bootstrap" ./functions/$$(echo $* | sed 's/\(.\)\([A-Z]\)/\1-\2/g' | tr A-Z a-z)
