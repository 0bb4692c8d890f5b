# SPDX-License-Identifier: MIT
#
# mbedTLS: digests, keys, X.509, TLS. Long-term support branch 3.6.
#
# The CBC-SHA256/SHA384 and DHE-RSA suites that X-Road peers offer, RSA-ALT
# keys (the signer process) and writing of X.509 are in the default
# configuration; locks are not.

source=mbedtls
minimum=3.6
below=4

# A TLS 1.2 server signs with RSA-PSS when a client offers it (RFC 8446 section
# 4.2.3). This library offers it as soon as it offers TLS 1.3, then calls it an
# illegal parameter; its code to verify such a signature is there.
pss_of_tls12() {
	sed -i '/valid in TLS 1\.2/,/return/s/if (!mbedtls_ssl_sig_alg_is_supported(ssl, sig_alg))/if (*pk_alg != MBEDTLS_PK_RSASSA_PSS \&\& !mbedtls_ssl_sig_alg_is_supported(ssl, sig_alg))/' \
		library/ssl_tls12_client.c
	grep -q 'pk_alg != MBEDTLS_PK_RSASSA_PSS &&' library/ssl_tls12_client.c
}

build() {
	step patch
	pss_of_tls12
	step configure
	scripts/config.py set MBEDTLS_THREADING_C
	scripts/config.py set MBEDTLS_THREADING_PTHREAD
	for option in MBEDTLS_CIPHER_MODE_CBC MBEDTLS_PK_RSA_ALT_SUPPORT \
		MBEDTLS_KEY_EXCHANGE_DHE_RSA_ENABLED MBEDTLS_SHA384_C \
		MBEDTLS_X509_CRT_WRITE_C MBEDTLS_X509_CSR_WRITE_C \
		MBEDTLS_SSL_PROTO_TLS1_3; do
		scripts/config.py get $option
	done
	step compile
	# GEN_FILES: the release carries its generated files.
	make -C library GEN_FILES= CC="$CC" CFLAGS="$CFLAGS" static
	install_headers include/mbedtls include/psa
	install_libraries library/libmbedcrypto.a library/libmbedx509.a \
		library/libmbedtls.a
}
