# SPDX-License-Identifier: MIT
#
# SQLite: make the amalgamation, then one compile with our options.

source=sqlite3
minimum=3.37		# STRICT tables
below=4

# Serialised by default; a connection owned by one thread may open NOMUTEX.
# DQS=0: "x" is a name, never text. TRUSTED_SCHEMA=0: the adapter opens
# databases that others made.
options='
	-DSQLITE_THREADSAFE=1
	-DSQLITE_DQS=0
	-DSQLITE_TRUSTED_SCHEMA=0
	-DSQLITE_ENABLE_COLUMN_METADATA
	-DSQLITE_DEFAULT_MEMSTATUS=0
	-DSQLITE_LIKE_DOESNT_MATCH_BLOBS
	-DSQLITE_OMIT_DEPRECATED
	-DSQLITE_OMIT_LOAD_EXTENSION
	-DSQLITE_OMIT_SHARED_CACHE
	-DSQLITE_USE_ALLOCA
	-DHAVE_USLEEP=1
	-DHAVE_FDATASYNC=1
	-DHAVE_LOCALTIME_R=1'

build() {
	step configure
	./configure --disable-shared --disable-readline --disable-tcl
	step amalgamation
	make sqlite3.c
	step compile
	$CC $CFLAGS $options -c sqlite3.c
	ar rcs libsqlite3.a sqlite3.o
	install_headers sqlite3.h
	install_libraries libsqlite3.a
}
