# SPDX-License-Identifier: MIT
#
# jansson: JSON.

source=jansson
minimum=2.13
below=3

build() {
	step configure
	cmake_configure $(cmake_switches JANSSON_ OFF BUILD_DOCS EXAMPLES \
		BUILD_SHARED_LIBS) -DJANSSON_WITHOUT_TESTS=ON
	step compile
	cmake_build
	install_headers output/include/jansson.h \
		output/include/jansson_config.h
	install_libraries output/lib/libjansson.a
}
