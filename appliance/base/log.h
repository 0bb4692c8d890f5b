/* SPDX-License-Identifier: MIT */
/*
 * The program's log: one line, one event.
 *   2026-11-21T06:42:00.123Z level role [request-id] message
 * error = someone must act; warning = may have to; info = state changed;
 * debug only with [machilink] log-level = debug. errno is preserved. Secrets
 * never get here. The message log (evidence) is not this log.
 */
#pragma once

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

struct err;

/* Standard error until log_open() names a file. */
int log_open(const char *path, struct err *e);
void log_level_set(enum log_level max);
/* "error", "warning", "info", "debug"; anything else is info. */
enum log_level log_level_by_name(const char *name);
/* Name put into every line of this thread (role or job); borrowed. */
void log_role(const char *role);
/* Request id of this thread, NULL for none; borrowed until changed. */
void log_request(const char *id);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "what: text (code)" at error level; logs nothing if e is not set. */
void log_err(const char *what, const struct err *e);
/* A fault that somebody outside is told: it gets a UUID as its detail, unless
   a peer gave it one, and is logged with it. */
void log_fault(const char *what, struct err *e);
