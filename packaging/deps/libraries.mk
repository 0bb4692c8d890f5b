# SPDX-License-Identifier: MIT
#
# Which libraries there are and which must come first. Run by ./libraries with
# CHAINS set; make's job server keeps every core busy across all builds. The
# order is that of building: long ones first.

LIBRARIES := sqlite mbedtls libpq libxml2 jemalloc curl jansson zlib libyaml civetweb
TARGETS   := $(foreach c,$(CHAINS),$(LIBRARIES:%=$c/%))

.PHONY: all list $(TARGETS)

all: $(TARGETS)

list:
	@echo $(LIBRARIES)

$(CHAINS:%=%/curl): %/curl: %/mbedtls

$(TARGETS):
	+@$(dir $(lastword $(MAKEFILE_LIST)))library $(@D) $(@F)
