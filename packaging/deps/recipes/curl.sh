# SPDX-License-Identifier: MIT
#
# libcurl: outgoing HTTP and HTTPS over mbedTLS, and SMTP for mails to operators;
# nothing else. Bytes stay as they came: no decompression, no cookies, no HTTP/2.

source=curl
minimum=8.9
below=9
needs=mbedtls

# An IP address is no server name (RFC 6066 section 3): this library hands it
# to mbedTLS all the same, which sends it.
name_without_address() {
	sed -i 's/connssl->peer\.sni : connssl->peer\.hostname))/connssl->peer.sni : NULL))/' \
		lib/vtls/mbedtls.c
	grep -q 'connssl->peer\.sni : NULL))' lib/vtls/mbedtls.c
}

build() {
	mbedtls=$(built mbedtls)
	step patch
	name_without_address
	step configure
	cmake_configure -DCURL_USE_MBEDTLS=ON \
		-DMBEDTLS_INCLUDE_DIR="$mbedtls/include" \
		-DMBEDTLS_LIBRARY="$mbedtls/lib/libmbedtls.a" \
		-DMBEDX509_LIBRARY="$mbedtls/lib/libmbedx509.a" \
		-DMBEDCRYPTO_LIBRARY="$mbedtls/lib/libmbedcrypto.a" \
		-DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none \
		-DENABLE_THREADED_RESOLVER=ON \
		$(cmake_switches CURL_ OFF USE_OPENSSL USE_PKGCONFIG \
		USE_LIBPSL USE_LIBSSH2 USE_GSSAPI ZLIB BROTLI ZSTD) \
		$(cmake_switches USE_ OFF NGHTTP2 LIBIDN2) \
		$(cmake_switches CURL_DISABLE_ ON ALTSVC AWS COOKIES DOH \
		FORM_API HSTS IPFS KERBEROS_AUTH NEGOTIATE_AUTH NETRC NTLM \
		WEBSOCKETS DICT FILE FTP GOPHER IMAP LDAP LDAPS MQTT POP3 \
		RTSP SMB TELNET TFTP) \
		$(cmake_switches BUILD_ OFF CURL_EXE SHARED_LIBS LIBCURL_DOCS \
		MISC_DOCS TESTING EXAMPLES) \
		-DBUILD_STATIC_LIBS=ON -DENABLE_CURL_MANUAL=OFF
	step compile
	cmake_build
	install_headers include/curl
	rm -f "$out"/include/curl/Makefile* "$out"/include/curl/.gitignore
	install_libraries output/lib/libcurl.a
}
