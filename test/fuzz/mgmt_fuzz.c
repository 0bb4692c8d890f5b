/* SPDX-License-Identifier: MIT */
/* Fuzz target: management requests, and answers to them. */
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "mem.h"
#include "globalconf.h"
#include "mgmt.h"
#include "text.h"
#include "xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The least configuration that loads. */
static const char conf[] =
	"<x:conf xmlns:x='" NS_XROAD "'><instanceIdentifier>I"
	"</instanceIdentifier><globalSettings><ocspFreshnessSeconds>60"
	"</ocspFreshnessSeconds></globalSettings></x:conf>";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gc_instance_file file = {
		.shared = bytes_str(conf),
		.version = 6,
		.expires = 1,
	};
	struct arena *a = arena_new();
	struct mgmt_received r;
	struct globalconf *g;
	struct bytes out;
	int64_t id;

	xml_startup();
	if (globalconf_new(&g, &file, 1, "I", NULL) == 0) {
		mgmt_receive(a, MGMT_DOOR_REGISTRATION,
			"multipart/related; boundary=b", bytes_of(data, size),
			g, 0, &r, NULL);
		mgmt_receive(a, MGMT_DOOR_MANAGEMENT, "text/xml",
			bytes_of(data, size), g, 0, &r, NULL);
		mgmt_receive(a, MGMT_DOOR_MANAGEMENT,
			"multipart/related; boundary=b", bytes_of(data, size),
			g, 0, &r, NULL);
		globalconf_unref(&g);
	}
	r = (struct mgmt_received){ .soap = bytes_of(data, size) };
	mgmt_answer(a, &r, 1, &out, NULL);
	mgmt_result(a, MGMT_AUTH_CERT_REG, bytes_of(data, size), &id, NULL);
	arena_free(&a);
	return 0;
}
