# SPDX-License-Identifier: MIT
#
# libpq: PostgreSQL's client, without TLS of its own (a relay of ours makes
# that). Only the client's part of the tree is compiled.

source=postgresql-17
minimum=17
below=18

build() {
	step configure
	./configure CC="$CC" CFLAGS="$CFLAGS" --without-readline \
		--without-icu --without-zlib
	step compile
	make -C src/backend generated-headers
	# The plain variants rename the encoding functions that libpq wants;
	# the ones meant for its shared library do not.
	make -C src/port libpgport_shlib.a
	make -C src/common libpgcommon_shlib.a
	make -C src/interfaces/libpq all-static-lib
	install_headers src/interfaces/libpq/libpq-fe.h \
		src/interfaces/libpq/libpq-events.h \
		src/include/postgres_ext.h src/include/pg_config_ext.h
	install_libraries src/interfaces/libpq/libpq.a
	cp src/common/libpgcommon_shlib.a "$out/lib/libpgcommon.a"
	cp src/port/libpgport_shlib.a "$out/lib/libpgport.a"
}
