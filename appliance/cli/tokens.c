/* SPDX-License-Identifier: MIT */
/*
 * The tokens of a machine: started before any thread exists, logged in by
 * themselves when a file holds their PINs. The file is X-Road's: one line with
 * the software token's PIN, or a line "token:PIN" for each.
 */
#include "cli.h"
#include "cli_int.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "job.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "signer.h"
#include "text.h"

enum { PIN_FILE_MAX = 2048 };
#define NEVER    ((int64_t)365 * 24 * 3600 * 1000)
#define LOOK_MS  5000  /* between two looks whether a login was lost */
#define GIVEN_UP (~0u) /* a wrong PIN is tried once: tokens count */

/* ---- in hardware ---- */

/* The serial number, as far as it fits into an address; else the slot. */
static void
name_token(struct token *t, const char *slot)
{
	const char *from = *t->info.serial ? t->info.serial : slot;
	size_t n = 0;

	for (; *from && n < sizeof(t->id) - 1; from++)
		if (isalnum((unsigned char)*from) || *from == '-')
			t->id[n++] = *from;
	t->id[n] = '\0';
	if (!n || str_equal(t->id, TOKEN_SOFTWARE))
		snprintf(t->id, sizeof(t->id), "slot-%.30s", slot);
}

static int
token_start(
	struct tokens *t, const char *module, const char *slot, struct err *e)
{
	struct token *x = &t->token[t->n];

	if (t->n == TOKENS_MAX)
		return fail(e, FAULT_CONFIG, "more than %d tokens", TOKENS_MAX);
	if (signer_start_module(&x->signer, module, slot, e))
		return -1;
	if (signer_info(x->signer, &x->info, e)) {
		signer_stop(&x->signer);
		return -1;
	}
	name_token(x, slot);
	t->n++;
	log_info("token %s (%s) is there", x->id, x->info.label);
	return 0;
}

void
tokens_start(struct tokens *t, const struct conf *c)
{
	const char *module = conf_text(c, P_TOKEN_MODULE);
	struct arena *a = arena_new();
	char *slot = arena_strdup(a, conf_text(c, P_TOKEN_SLOTS)), *next;

	for (; *module && slot; slot = next) {
		struct err e = ERR_INIT;

		next = strchr(slot, ',');
		if (next)
			*next++ = '\0';
		if (token_start(t, module, str_trim(slot), &e))
			log_err("token in hardware", &e);
	}
	arena_free(&a);
}

void
tokens_stop(struct tokens *t)
{
	while (t->n)
		signer_stop(&t->token[--t->n].signer);
}

/* ---- automatic login ---- */

/* "id:" at the front of a line; what follows, or NULL. */
static const char *
line_of(const char *line, const char *id)
{
	size_t n = strlen(id);

	return !strncmp(line, id, n) && line[n] == ':' ? line + n + 1 : NULL;
}

/* The PIN in the file for this token, or NULL. */
static const char *
pin_in(struct arena *a, const struct tokens *t, const char *id,
	struct bytes text)
{
	char *line = arena_strndup(a, (const char *)text.data, text.len);
	const char *pin = NULL;
	char *next;

	for (; line && !pin; line = next) {
		bool named = line_of(line, TOKEN_SOFTWARE) != NULL;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		line[strcspn(line, "\r")] = '\0';
		for (size_t i = 0; i < t->n; i++)
			named |= line_of(line, t->token[i].id) != NULL;
		if (named)
			pin = line_of(line, id);
		else if (*line && str_equal(id, TOKEN_SOFTWARE))
			pin = line;
	}
	return pin;
}

/* True when nothing is left to do about this token. */
static bool
login(struct signer *s, const char *id, const char *pin, unsigned *epoch)
{
	struct signer_state st;
	struct err e = ERR_INIT;

	if (!pin || *epoch == GIVEN_UP)
		return true;
	if (signer_status(s, &st, NULL))
		return true; /* for now: the signer says why in the log */
	if (!st.initialized)
		return false;
	if (st.epoch == *epoch)
		return true;
	*epoch = st.epoch;
	if (!st.unlocked && !signer_login(s, pin, &e))
		log_info("token %s is logged in", id);
	if (err_set(&e))
		log_err("automatic login", &e);
	if (e.fault == FAULT_PIN_INCORRECT)
		*epoch = GIVEN_UP;
	return true;
}

/* Deriving a key takes longer than starting, and a new machine has no token
   yet. Tried until each is logged in once, and again when its process or
   its connection was lost; who logs one out means it. A
   missing file is only a complaint, for the operator can still log in. */
int64_t
tokens_login(struct tokens *t, struct signer *software, const struct conf *c)
{
	struct arena *a = arena_new_secret();
	struct err e = ERR_INIT;
	struct bytes text;
	int64_t wait = NEVER;

	if (file_read(a, conf_text(c, P_PIN_FILE), PIN_FILE_MAX, &text, &e)) {
		log_err("automatic login", &e);
	} else {
		bool done = login(software, TOKEN_SOFTWARE,
			pin_in(a, t, TOKEN_SOFTWARE, text),
			&t->epoch[TOKENS_MAX]);
		for (size_t i = 0; i < t->n; i++)
			done &= login(t->token[i].signer, t->token[i].id,
				pin_in(a, t, t->token[i].id, text),
				&t->epoch[i]);
		wait = done ? LOOK_MS : 0;
	}
	arena_free(&a);
	return wait;
}
