# SPDX-License-Identifier: MIT
#
# What the build needs from outside: programs from apt, and the third-party
# libraries, built from Debian source packages into a cache outside the
# checkout. The top Makefile includes this file.
#
#   make deps            programs, then libraries for both tool chains
#   make deps-system     programs only
#   make deps-libs-musl  libraries for the release build (musl, static)
#   make deps-libs-gcc   libraries for debug, asan and tsan (system cc)
#   make deps-update     ask the archive for newer (security) versions
#   make deps-prefix     print where the libraries are
#
# DEPS.musl and DEPS.gcc are those places: include/, lib/*.a, src/civetweb/
# and VERSIONS. The path depends on the recipes only, so it is known before
# anything is installed; it is a link that always names a finished build made
# by the compiler of today. DEPS.libs links everything, in order.

DEPS.dir   := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
DEPS.cache := $(shell $(DEPS.dir)/where cache)
DEPS.musl  := $(shell $(DEPS.dir)/where prefix musl)
DEPS.gcc   := $(shell $(DEPS.dir)/where prefix gcc)
DEPS.libs  := -lcurl -lmbedtls -lmbedx509 -lmbedcrypto -lxml2 -lsqlite3 \
	      -ljansson -lyaml -lpq -lpgcommon -lpgport -lz -ljemalloc -lm -lpthread

.PHONY: deps deps-system deps-libs-musl deps-libs-gcc deps-update deps-prefix

deps: deps-system
	@$(DEPS.dir)/libraries gcc musl

deps-system:
	@$(DEPS.dir)/system

deps-libs-musl: deps-system
	@$(DEPS.dir)/libraries musl

deps-libs-gcc: deps-system
	@$(DEPS.dir)/libraries gcc

deps-update: deps-system
	@$(DEPS.dir)/libraries --update gcc musl

deps-prefix:
	@echo musl $(DEPS.musl)
	@echo gcc $(DEPS.gcc)
