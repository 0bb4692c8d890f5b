# How civetweb is compiled: request core only. No files, CGI, WebSocket or
# HTTP/2; TLS through civetweb_tls.inl. A waiting connection looks at
# the stop flag every SOCKET_TIMEOUT_QUANTUM milliseconds.
CIVETWEB_FLAGS := -DUSE_MBEDTLS -DNO_SSL -DNO_CGI -DNO_FILES -DNO_CACHING \
	-DUSE_IPV6 -DUSE_STACK_SIZE=524288 -DSOCKET_TIMEOUT_QUANTUM=250 \
	-DREENTRANT_TIME
