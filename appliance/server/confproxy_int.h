/* SPDX-License-Identifier: MIT */
/* What the files of the configuration proxy share. */
#pragma once

#ifndef IN_SERVER
# error "confproxy_int.h is private to appliance/server"
#endif

#include "confclient_int.h"
#include "confproxy.h"

#define CONFPROXY_DIR "confproxy"

/* Where others reach this proxy, without scheme: "host[:port]/NAME". */
char *confproxy_address(
	const struct conf *c, struct arena *a, const char *name);
/* A file of the instance. */
char *confproxy_path(const struct conf *c, struct arena *a, const char *name,
	const char *file);
/* What it published: apart, because no backup needs it. file "": the folder. */
char *confproxy_public(const struct conf *c, struct arena *a, const char *name,
	const char *file);
bool confproxy_name_ok(const char *name);

struct confproxy_run {
	const struct conf *conf;
	struct signer *signer;
	struct gc_source_call call;
};
/* Downloads and publishes every version that the source offers. The versions
   that cannot be made stay as they were; -1 when there was none. */
int confproxy_round(
	const struct confproxy_run *run, const char *name, struct err *e);
