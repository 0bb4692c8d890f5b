/* SPDX-License-Identifier: MIT */
/* A monitor in a folder of its own, and exchanges to feed it. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "http_server.h"
#include "mem.h"
#include "monitor.h"
#include "param.h"
#include "tap.h"

struct kit {
	struct conf *conf;
	struct role_env env;
	struct role_run run;
	struct monitor *m;
};

static inline void
kit_set(struct kit *k, const char *section, const char *key, const char *value)
{
	struct err e = ERR_INIT;

	if (!k->conf)
		k->conf = conf_defaults();
	if (conf_set(k->conf, section, key, value, &e))
		abort();
}

static inline int
kit_try(struct kit *k, struct err *e)
{
	kit_set(k, "machilink", "data-dir", tap_dir());
	k->run.role = &role_monitor;
	k->env =
		(struct role_env){ .conf = k->conf, .run = &k->run, .runs = 1 };
	return role_monitor.start(&k->run.state, &k->env, e);
}

static inline void
kit_open(struct kit *k)
{
	struct err e = ERR_INIT;

	if (kit_try(k, &e)) {
		printf("Bail out! %s\n", e.text);
		exit(1);
	}
	k->m = monitor_of(&k->env);
}

static inline void
kit_close(struct kit *k)
{
	role_monitor.stop(k->run.state);
	k->run.state = NULL;
	k->m = NULL;
	conf_free(&k->conf);
}

/* A REST exchange of the service with the client, which took so long. */
static inline struct monitor_exchange
kit_exchange(const char *service, const char *client, int64_t ms)
{
	struct monitor_exchange x;

	monitor_exchange_begin(&x, MONITOR_PROVIDER);
	x.succeeded = true;
	x.number[MN_REQUEST_OUT] = x.number[MN_REQUEST_IN] + 1;
	x.number[MN_RESPONSE_IN] = x.number[MN_REQUEST_IN] + ms - 1;
	x.number[MN_RESPONSE_OUT] = x.number[MN_REQUEST_IN] + ms;
	x.number[MN_REQUEST_SIZE] = 100;
	x.number[MN_RESPONSE_SIZE] = 1000;
	x.number[MN_REQUEST_ATTACHMENTS] = 0;
	x.number[MN_STATUS] = 200;
	x.text[MT_CLIENT_INSTANCE] = "JP";
	x.text[MT_CLIENT_CLASS] = "COM";
	x.text[MT_CLIENT_CODE] = client;
	x.text[MT_CLIENT_SUBSYSTEM] = "Portal";
	x.text[MT_SERVICE_INSTANCE] = "JP";
	x.text[MT_SERVICE_CLASS] = "GOV";
	x.text[MT_SERVICE_CODE] = "2000";
	x.text[MT_SERVICE_SUBSYSTEM] = "Data";
	x.text[MT_SERVICE] = service;
	x.text[MT_SERVER_IP] = "10.0.0.1";
	x.text[MT_REST_METHOD] = "GET";
	x.text[MT_PROTOCOL] = "1";
	x.text[MT_SERVICE_TYPE] = "REST";
	x.text[MT_VERSION] = "7.8.0";
	x.text[MT_MESSAGE_ID] = "m-1";
	x.text[MT_REQUEST_ID] = "0b1c2d3e-0000-4000-8000-000000000001";
	return x;
}

static inline void
kit_flush(struct kit *k)
{
	struct err e = ERR_INIT;

	ok_m(!monitor_flush(k->m, &e), "what waits is written: %s", e.text);
}
