/* SPDX-License-Identifier: MIT */
/* Letters to operators, queued and delivered; see notify_int.h. */
#include "notify_int.h"

#include <pthread.h>
#include <string.h>

#include "err.h"
#include "job.h"
#include "log.h"
#include "mailbox.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { LETTERS_MAX = 200, REST_MS = 600000 };

struct mail_item {
	char *to, *subject, *text;
};

struct outbox {
	pthread_mutex_t lock; /* guards both */
	struct mail_item item[LETTERS_MAX];
	size_t n;
};

struct outbox *
outbox_new(void)
{
	struct outbox *o = mem_alloc(sizeof(*o));

	pthread_mutex_init(&o->lock, NULL);
	return o;
}

static void
item_free(struct mail_item *i)
{
	mem_free(i->to);
	mem_free(i->subject);
	mem_free(i->text);
}

void
outbox_free(struct outbox **p)
{
	struct outbox *o = *p;

	*p = NULL;
	if (!o)
		return;
	for (size_t i = 0; i < o->n; i++)
		item_free(&o->item[i]);
	pthread_mutex_destroy(&o->lock);
	mem_free(o);
}

const char *
notify_self(struct server *s, struct arena *a)
{
	struct server_id self;

	if (serverconf_self(s->sc, a, &self, NULL))
		return "";
	return arena_printf(a, "%s/%s/%s/%s", self.owner.instance,
		self.owner.cls, self.owner.code, self.server);
}

static void
put(struct server *s, const char *to, const struct letter *l)
{
	struct outbox *o = s->outbox;
	bool full;

	pthread_mutex_lock(&o->lock);
	full = o->n == LETTERS_MAX;
	if (!full)
		o->item[o->n++] = (struct mail_item){ mem_dup(to),
			mem_dup(l->subject), mem_dup(l->text) };
	pthread_mutex_unlock(&o->lock);
	if (full)
		log_warning(
			"too many mails wait: \"%s\" is not sent", l->subject);
	else if (s->jobs)
		jobs_poke(s->jobs, "mail");
}

void
notify(struct server *s, int switched, const char *who, enum wording id,
	const char *const arg[WORDING_ARGS])
{
	struct arena *a = arena_new_secret();
	const char *filled[WORDING_ARGS] = { notify_self(s, a), arg[1], arg[2],
		arg[3] };
	struct mailbox box;
	struct letter l;
	struct err e = ERR_INIT;
	const char *to = NULL;

	if (!conf_bool(s->conf, (enum param_id)switched))
		goto out;
	if (mailbox_read(a, mailbox_file(s->conf), &box, &e))
		log_warning("mails: %s", e.text);
	else
		to = box.ready ? mailbox_contact(&box, who) : NULL;
	if (!to)
		goto out;
	l = wording_make(a, id, mailbox_japanese(s->conf), filled);
	put(s, to, &l);
out:
	arena_free(&a);
}

static bool
take(struct outbox *o, struct mail_item *out)
{
	bool some;

	pthread_mutex_lock(&o->lock);
	some = o->n > 0;
	if (some) {
		*out = o->item[0];
		o->n--;
		memmove(o->item, o->item + 1, o->n * sizeof(o->item[0]));
	}
	pthread_mutex_unlock(&o->lock);
	return some;
}

int64_t
notify_deliver(void *server)
{
	struct server *s = server;
	struct mail_item i;

	while (!(s->jobs && jobs_stopping(s->jobs)) && take(s->outbox, &i)) {
		struct arena *a = arena_new_secret();
		struct mailbox box;
		struct err e = ERR_INIT;
		if (mailbox_read(a, mailbox_file(s->conf), &box, &e) ||
			mailbox_send(&box, i.to, i.subject, i.text, &e))
			log_error("the mail \"%s\" to %s: %s", i.subject, i.to,
				e.text);
		else
			log_info("the mail \"%s\" was sent to %s", i.subject,
				i.to);
		item_free(&i);
		arena_free(&a);
	}
	return REST_MS;
}
