# The two commands of a newcomer are `make demo` and `make test`; both set the machine up first.

BUILD = swift build -c release --explicit-target-dependency-import-check error
MFS = .build/release/mfs
PREFIX ?= /usr/local
# Where a Python with scikit-learn and PyTorch lives, for comparing: make bench PYTHON=…/bin/python
PYTHON ?=

.PHONY: demo test repl bench format install build setup reference editors

demo: build
	$(MFS) samples/demo.mfs

test: setup
	.ci/setup tmux
	.ci/test

repl: build
	$(MFS)

bench: build
	Benchmarks/run $(if $(PYTHON),--python $(PYTHON))

format: build
	swift format --in-place --recursive Package.swift Sources Tests Fuzzing/Sources
	$(MFS) fmt samples/*.mfs samples/classics/*.mfs samples/language/*.mfs samples/tour/*.mfs samples/factorization/*.mfs samples/networks/*.mfs

# What is made from the declarations, and committed.
reference: build
	$(MFS) help --all > Reference.md

editors: build
	$(MFS) editors Editors

install: build
	install -D $(MFS) $(DESTDIR)$(PREFIX)/bin/mfs
	install -d $(DESTDIR)$(PREFIX)/share/mfs/data
	install -m 644 samples/data/* $(DESTDIR)$(PREFIX)/share/mfs/data

build: setup
	$(BUILD) --product mfs

setup:
	@.ci/setup
