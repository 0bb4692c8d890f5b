/* SPDX-License-Identifier: MIT */
/*
 * Calls of data services, told to the monitor: which one, who asked (as the
 * security server says), how long it took, why it failed.
 */
#include "adapter_int.h"

#include <string.h>

#include "err.h"
#include "ident.h"
#include "monitor.h"

typedef int handler(struct request *r, void *state, struct err *e);

static void
tell(struct request *r, struct adapter *ad, struct monitor_exchange *x, int ret,
	const struct err *e)
{
	const struct call *c = request_user(r);
	struct client_id client = { 0 };
	const char *who;

	if (!c)
		return; /* of no data service that there is */
	/* SOAP's has its type in front */
	who = c->who ? strchr(c->who, ':') : NULL;
	who = who ? who + 1 : c->who;
	if (who && !client_id_parse(request_arena(r), who, &client, NULL)) {
		x->text[MT_CLIENT_INSTANCE] = client.instance;
		x->text[MT_CLIENT_CLASS] = client.cls;
		x->text[MT_CLIENT_CODE] = client.code;
		x->text[MT_CLIENT_SUBSYSTEM] = client.subsystem;
	}
	x->text[MT_SERVICE] = c->service->name;
	x->succeeded = !ret;
	if (ret && e)
		x->text[MT_FAULT_CODE] = e->code;
	monitor_add(ad->monitor, x);
}

static int
told(struct request *r, struct adapter *ad, handler *handle, struct err *e)
{
	struct monitor_exchange x;
	int ret;

	if (!ad->monitor)
		return handle(r, ad, e);
	monitor_exchange_begin(&x, MONITOR_ADAPTER);
	ret = handle(r, ad, e);
	tell(r, ad, &x, ret, e);
	return ret;
}

int
told_get(struct request *r, void *state, struct err *e)
{
	return told(r, state, adapter_get, e);
}

int
told_post(struct request *r, void *state, struct err *e)
{
	return told(r, state, adapter_post, e);
}

int
told_soap(struct request *r, void *state, struct err *e)
{
	return told(r, state, adapter_soap, e);
}
