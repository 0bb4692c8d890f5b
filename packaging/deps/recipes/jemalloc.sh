# SPDX-License-Identifier: MIT
#
# jemalloc: malloc for the release. musl's own takes one lock for every call
# and gives pages back at once, which cost a third of an exchange under load.
#
# Few arenas and small thread caches, because there are many threads on few
# cores; pages unused for two seconds go back to the system.

source=jemalloc
minimum=5.2
below=6

build() {
	step configure
	./configure --disable-shared --enable-static --disable-cxx \
		--disable-stats --disable-fill --disable-libdl \
		--disable-doc --disable-initial-exec-tls \
		--with-malloc-conf="narenas:4,lg_tcache_max:14,dirty_decay_ms:2000,muzzy_decay_ms:0" \
		CC="$CC" CFLAGS="$CFLAGS"
	step compile
	make build_lib_static
	install_headers include/jemalloc/jemalloc.h
	install_libraries lib/libjemalloc.a
}
