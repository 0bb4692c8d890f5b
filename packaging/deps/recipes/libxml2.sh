# SPDX-License-Identifier: MIT
#
# libxml2: parse, C14N, XPath, schemas. Character sets by the C library's
# iconv; nothing that opens a network connection or loads code.

source=libxml2
minimum=2.9.14
below=2.16

build() {
	step configure
	cmake_configure $(cmake_switches LIBXML2_WITH_ ON C14N ICONV OUTPUT \
		PATTERN PUSH READER REGEXPS SAX1 SCHEMAS THREADS TREE VALID \
		WRITER XPATH) \
		$(cmake_switches LIBXML2_WITH_ OFF CATALOG DEBUG DOCB FTP \
		HTML HTTP ICU ISO8859X LEGACY LZMA MEM_DEBUG MODULES \
		PROGRAMS PYTHON RUN_DEBUG SCHEMATRON TESTS THREAD_ALLOC \
		XINCLUDE XPTR ZLIB)
	step compile
	cmake_build
	install_headers include/libxml
	install_headers_as libxml output/libxml/xmlversion.h
	install_libraries output/libxml2.a
}
