# Every target runs on a laptop; CI runs the same ones.

GO ?= go
export SKIP_REAL
GOLANGCI = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FUZZTIME ?= 20s
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS = -X github.com/irctl/irctl/internal/outside.release=$(VERSION)

# What make check leaves to make test: kills and faults, the whole against real
# daemons, and speed. They take minutes.
LONG = /internal/(bench|crash|proof|real)$$

# formatted fails with the names of the files that gofmt would change.
formatted = @out=$$(gofmt -l .); test -z "$$out" || { echo "not formatted:"; echo "$$out"; exit 1; }

.PHONY: help build check demo company test lint bench bench-fleet fuzz golden dist dist-check bare-debian
.DEFAULT_GOAL := help

help: ## print this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

build: ## build bin/irctl
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/irctl ./cmd/irctl

check: ## gofmt, vet, build and every test of seconds; without daemons, kills, faults, linter
	$(formatted)
	$(GO) build ./...
	$(GO) vet ./...
	SKIP_REAL=1 $(GO) test -vet=off $$($(GO) list ./... | grep -vE '$(LONG)')

demo: build ## contain an embedded company, look from outside, roll back
	@IRCTL=$(CURDIR)/bin/irctl sh .ci/demo

company: ## contain a company of real daemons and give it back, killed on the way; to watch
	@sh .ci/needs
	@IRCTL_SHOW=1 $(GO) test -count=1 -v -run '^TestCompany$$' ./internal/real

test: ## run every test; SKIP_REAL=1 leaves out those that need a real daemon
	@sh .ci/needs
	$(GO) test -timeout 30m ./internal/real ./internal/crash ./... # the longest first

lint: ## gofmt, vet and build for every system, golangci-lint
	$(formatted)
	$(GO) vet ./...
	GOOS=darwin $(GO) build ./... && GOOS=darwin $(GO) vet ./...
	GOOS=windows $(GO) build ./... && GOOS=windows $(GO) vet ./...
	$(GO) run $(GOLANGCI) run ./...

bench: ## cost of a step beside one fsync, start-up, validate beside actionlint, list, status, containment; ALL=1 for every benchmark
	@GO='$(GO)' ALL='$(ALL)' sh .ci/bench

bench-fleet: ## 100 machines changed and looked at, beside clush and Ansible; ROUNDS=3
	@GO='$(GO)' sh .ci/bench-fleet

fuzz: ## run every fuzz target for FUZZTIME (20s)
	@grep -rEo --include='*_test.go' 'func Fuzz[A-Za-z0-9_]+' internal pkg | \
	while IFS=: read -r file func; do \
		echo "$${func#func } in $$(dirname $$file), $(FUZZTIME)"; \
		$(GO) test -run '^$$' -fuzz "^$${func#func }$$" -fuzztime $(FUZZTIME) ./$$(dirname $$file) || exit 1; \
	done

golden: ## write the expected texts anew, to be read as a diff
	@grep -rl --include='*_test.go' 'flag.Bool("update"' internal pkg runbooks | xargs -n1 dirname | sort -u | \
	while read -r dir; do $(GO) test ./$$dir -update || exit 1; done

dist: ## build dist/: archives, deb and rpm for every system, with manual and bill of materials
	@GO='$(GO)' VERSION='$(VERSION)' sh .ci/dist

dist-check: ## build dist/ of the last commit twice, the second time from nothing, and compare bytes
	@GO='$(GO)' sh .ci/dist-check

bare-debian: ## install the deb of dist/ on a bare Debian and contain the company there, as root
	@sh .ci/bare-debian
