/* SPDX-License-Identifier: MIT */
/*
 * A token in hardware, in the process of its own: the PKCS#11 module is
 * loaded, a slot chosen, a session opened for each thread that may ask. Only
 * this process has the module's code in it.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "module_int.h"

enum { SLOTS_MAX = 64 };

static const struct trouble {
	p11_num rv;
	enum fault fault;
	const char *text;
} troubles[] = {
	{ P11_PIN_INCORRECT, FAULT_PIN_INCORRECT, "The PIN is wrong" },
	{ P11_PIN_INVALID, FAULT_PIN_POLICY, "The token refuses this PIN" },
	{ P11_PIN_LEN_RANGE, FAULT_PIN_POLICY,
		"The token refuses a PIN of this length" },
	{ P11_PIN_EXPIRED, FAULT_TOKEN_NOT_ACTIVE, "The PIN has expired" },
	{ P11_PIN_LOCKED, FAULT_TOKEN_NOT_ACTIVE,
		"The token is locked after too many wrong PINs" },
	{ P11_NOT_LOGGED_IN, FAULT_TOKEN_NOT_ACTIVE,
		"The token is not logged in; enter its PIN" },
};

int
module_fail(const char *what, p11_num rv, struct err *e)
{
	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
		if (troubles[i].rv == rv)
			return fail(
				e, troubles[i].fault, "%s", troubles[i].text);
	return fail(e, FAULT_TOKEN_NOT_ACTIVE,
		"The token cannot %s: PKCS#11 error 0x%lx", what, rv);
}

/* ---- opening ---- */

static int
load(struct module *m, const char *path, struct err *e)
{
	struct p11_init how = { .flags = P11_OS_LOCKING };
	struct p11_functions *f = NULL;
	p11_list *list;
	p11_num rv;

	m->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!m->handle) {
		const char *why = dlerror();
		return fail(e, FAULT_CONFIG, "%s",
			why ? why : "the module cannot be loaded");
	}
	list = (p11_list *)(uintptr_t)dlsym(m->handle, "C_GetFunctionList");
	if (!list || list(&f) != P11_OK || !f || f->version.major != 2)
		return fail(e, FAULT_CONFIG, "%s is no PKCS#11 module", path);
	rv = f->initialize(&how);
	if (rv != P11_OK)
		return module_fail("start", rv, e);
	m->f = f;
	return 0;
}

/* The named slot, or the first that holds a token ready for use. */
static int
choose_slot(struct module *m, const char *slot, struct err *e)
{
	p11_num slots[SLOTS_MAX], n = SLOTS_MAX;
	p11_num rv = m->f->slots(1, slots, &n);
	char *end = NULL;

	if (rv != P11_OK)
		return module_fail("list its slots", rv, e);
	if (*slot) {
		m->slot = strtoul(slot, &end, 0);
		return *end ? fail(e, FAULT_CONFIG,
				      "'%s' is not the number of a slot", slot)
			    : 0;
	}
	for (p11_num i = 0; i < n; i++) {
		struct p11_token t;
		if (m->f->token(slots[i], &t) == P11_OK &&
			t.flags & P11_PIN_INITIALIZED) {
			m->slot = slots[i];
			return 0;
		}
	}
	return fail(e, FAULT_TOKEN_NOT_INITIALIZED,
		"the module has no slot with a token that has a PIN");
}

int
module_open(
	struct module **out, const char *path, const char *slot, struct err *e)
{
	struct module *m = mem_alloc(sizeof(*m));

	pthread_mutex_init(&m->lock, NULL);
	if (load(m, path, e) || choose_slot(m, slot, e))
		goto bad;
	for (int i = 0; i < SIGNER_LANES; i++) {
		p11_num rv =
			m->f->open(m->slot, P11_SERIAL_SESSION | P11_RW_SESSION,
				NULL, NULL, &m->session[i]);
		if (rv != P11_OK) {
			module_fail("open a session", rv, e);
			goto bad;
		}
	}
	*out = m;
	return 0;
bad:
	module_close(&m);
	return -1;
}

void
module_close(struct module **p)
{
	struct module *m = *p;

	*p = NULL;
	if (!m)
		return;
	if (m->f)
		m->f->finalize(NULL);
	if (m->handle)
		dlclose(m->handle);
	pthread_mutex_destroy(&m->lock);
	mem_free(m);
}

int
module_session(struct module *m)
{
	int i = 0;

	pthread_mutex_lock(&m->lock);
	while (i < SIGNER_LANES - 1 && m->taken[i])
		i++;
	m->taken[i] = true;
	pthread_mutex_unlock(&m->lock);
	return i;
}

void
module_session_done(struct module *m, int i)
{
	pthread_mutex_lock(&m->lock);
	m->taken[i] = false;
	pthread_mutex_unlock(&m->lock);
}

/* ---- what the token says and its PIN ---- */

bool
module_logged_in(struct module *m)
{
	struct p11_session s;

	return m->f->session(m->session[0], &s) == P11_OK &&
	       (s.state == P11_RW_USER || s.state == P11_RO_USER);
}

int
module_status(struct call *c, struct err *e)
{
	struct module *m = c->child->module;
	struct p11_token t;
	p11_num rv = m->f->token(m->slot, &t);

	if (rv != P11_OK)
		return module_fail("tell its state", rv, e);
	buf_char(c->out, (t.flags & P11_PIN_INITIALIZED) != 0);
	buf_char(c->out, module_logged_in(m));
	buf_char(c->out, 0); /* logins lost */
	return 0;
}

/* Texts of fixed length, filled up with spaces; each ends with a NUL. */
static void
put_text(struct buf *out, const unsigned char *p, size_t n)
{
	while (n && (p[n - 1] == ' ' || !p[n - 1]))
		n--;
	for (size_t i = 0; i < n; i++)
		buf_char(out, p[i] < ' ' || p[i] > '~' ? '_' : (char)p[i]);
	buf_char(out, '\0');
}

int
module_info(struct call *c, struct err *e)
{
	struct module *m = c->child->module;
	struct p11_token t;
	p11_num rv = m->f->token(m->slot, &t);

	if (rv != P11_OK)
		return module_fail("tell its name", rv, e);
	put_text(c->out, t.label, sizeof(t.label));
	put_text(c->out, t.serial, sizeof(t.serial));
	put_text(c->out, t.model, sizeof(t.model));
	put_text(c->out, t.manufacturer, sizeof(t.manufacturer));
	return 0;
}

int
module_init(struct call *c, struct err *e)
{
	(void)c;
	return fail(e, FAULT_CONFLICT,
		"A token in hardware is initialised with its maker's tools");
}

int
module_login(struct call *c, struct err *e)
{
	struct module *m = c->child->module;
	struct bytes pin = c->q->data;
	p11_num rv = m->f->login(
		m->session[0], P11_USER, (const char *)pin.data, pin.len);

	if (rv == P11_OK || rv == P11_ALREADY_LOGGED_IN)
		return 0;
	return module_fail("be logged in to", rv, e);
}

int
module_logout(struct call *c, struct err *e)
{
	struct module *m = c->child->module;
	p11_num rv = m->f->logout(m->session[0]);

	if (rv == P11_OK || rv == P11_NOT_LOGGED_IN)
		return 0;
	return module_fail("be logged out of", rv, e);
}
