# SPDX-License-Identifier: MIT
#
# zlib: deflate for the ZIP containers.

source=zlib
minimum=1.2.11
below=2

build() {
	step configure
	CC="$CC" CFLAGS="$CFLAGS" ./configure --static
	step compile
	make libz.a
	install_headers zlib.h zconf.h
	install_libraries libz.a
}
