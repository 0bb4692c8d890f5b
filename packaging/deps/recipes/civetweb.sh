# SPDX-License-Identifier: MIT
#
# civetweb: source only. appliance/http compiles civetweb.c against its own
# TLS glue in place of mod_mbedtls.inl.

source=civetweb
minimum=1.16		# the first for mbedTLS 3
below=2

build() {
	step install
	install_headers include/civetweb.h
	install_sources civetweb src/civetweb.c src/*.inl
}
