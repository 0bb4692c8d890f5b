/* SPDX-License-Identifier: MIT */
/*
 * Administration: mails to operators, and which certificates come to their end
 * (the latter is ours; X-Road shows dates only).
 */
#include "admin_int.h"
#include "clock.h"
#include "err.h"
#include "expiry.h"
#include "expirywatch_int.h"
#include "log.h"
#include "mail.h"
#include "mailbox.h"
#include "mem.h"
#include "notify_int.h"
#include "param.h"
#include "text.h"

static const struct {
	enum param_id param;
	const char *word;
} KINDS[] = {
	{ P_MAIL_RENEWED, "ACME_SUCCESS" },
	{ P_MAIL_NOT_RENEWED, "ACME_FAILURE" },
	{ P_MAIL_REGISTERED, "AUTH_CERT_REGISTERED" },
	{ P_MAIL_ACTIVATED, "ACME_CERT_AUTOMATICALLY_ACTIVATED" },
	{ P_MAIL_NOT_ACTIVATED, "ACME_CERT_AUTOMATIC_ACTIVATION_FAILURE" },
};

/* An unreadable file is none, and the log says why. */
static struct mailbox
box_of(struct request *r, struct server *s)
{
	struct err why = ERR_INIT;
	struct mailbox box;

	if (!mailbox_read(request_arena(r), mailbox_file(s->conf), &box, &why))
		return box;
	log_warning("mails: %s", why.text);
	return (struct mailbox){ 0 };
}

int
admin_mail_status(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct mailbox box = box_of(r, s);
	json_t *j = json_object(), *kinds = json_array(), *to = json_array();

	for (size_t i = 0; i < sizeof(KINDS) / sizeof(*KINDS); i++)
		if (conf_bool(s->conf, KINDS[i].param))
			json_array_append_new(
				kinds, json_text_new(KINDS[i].word));
	for (size_t i = 0; i < box.contacts; i++)
		json_array_append_new(to,
			json_text_new(arena_printf(request_arena(r), "%s: %s",
				box.contact[i].who, box.contact[i].address)));
	json_put_new(j, "enabled_notifications", kinds);
	json_put_bool(j, "configuration_present", box.ready);
	json_put_new(j, "recipients_emails", to);
	return admin_reply(r, 200, j, e);
}

int
admin_mail_test(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct arena *a = request_arena(r);
	const char *arg[WORDING_ARGS] = { notify_self(s, a) };
	struct mailbox box = box_of(r, s);
	struct err why = ERR_INIT;
	struct letter l;
	const char *to;
	json_t *body, *j;
	int failed;

	if (admin_body(r, &body, e) ||
		json_need_str(body, "mail_address", ADMIN_TEXT_MAX, &to, e))
		return -1;
	l = wording_make(a, WORDING_TEST, mailbox_japanese(s->conf), arg);
	failed = mailbox_send(&box, to, l.subject, l.text, &why);
	if (failed)
		log_error("the test mail to %s: %s",
			mail_address_ok(to) ? to : "no address", why.text);
	j = json_object();
	json_put_str(j, "status", failed ? "error" : "success");
	json_put_str(j, "text",
		failed ? arena_printf(a, "Error: %s", why.text) : "Success!");
	return admin_reply(r, 200, j, e);
}

/* ---- the end of certificates ---- */

struct listing {
	struct arena *a;
	json_t *list;
};

static int
add(void *ctx, const struct watched *w, struct err *e)
{
	struct listing *l = ctx;

	(void)e;
	json_array_append_new(l->list, expiry_json(l->a, w));
	return 0;
}

int
admin_expiry(struct request *r, void *state, struct err *e)
{
	struct listing l = { request_arena(r), json_array() };

	if (expirywatch_each(state, l.a, add, &l, e)) {
		json_decref(l.list);
		return -1;
	}
	return admin_reply(r, 200, l.list, e);
}
