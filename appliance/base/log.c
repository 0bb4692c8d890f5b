/* SPDX-License-Identifier: MIT */
/*
 * The program's log. A line is made on the stack and written with one write(2)
 * so that lines of several threads do not mix and out of memory can be logged.
 * Control characters of a message become '?': a peer cannot forge a line.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "log.h"
#include "text.h"

enum { LINE_MAX_BYTES = 4096 };

/* The log sink: one of the four places with mutable state (style rule 7). */
static struct {
	atomic_int fd;    /* where lines go */
	atomic_int level; /* least severe level that is written */
} sink = { STDERR_FILENO, LOG_INFO };

static _Thread_local const char *thread_role;
static _Thread_local const char *thread_request;

static const char *const level_name[] = { "error", "warning", "info", "debug" };

int
log_open(const char *path, struct err *e)
{
	int fd, old;

	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		return fail(e, FAULT_IO, "the log file %s cannot be opened: %s",
			path, strerror(errno));
	old = atomic_load(&sink.fd);
	if (old == STDERR_FILENO) {
		atomic_store(&sink.fd, fd);
		return 0;
	}
	/* the number stays valid for threads that are writing just now */
	dup3(fd, old, O_CLOEXEC);
	close(fd);
	return 0;
}

void
log_level_set(enum log_level max)
{
	atomic_store(&sink.level, (int)max);
}

void
log_role(const char *role)
{
	thread_role = role;
}

void
log_request(const char *id)
{
	thread_request = id;
}

static void
line_clean(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

static void log_line(enum log_level level, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static void
log_line(enum log_level level, const char *fmt, va_list ap)
{
	char line[LINE_MAX_BYTES], now[TIME_TEXT_MAX];
	int saved = errno, n, m;
	ssize_t done;

	if ((int)level > atomic_load(&sink.level))
		return;
	n = snprintf(line, sizeof(line) / 2, "%s %s %s [%s] ",
		time_iso_ms(now, clock_now()), level_name[level],
		thread_role ? thread_role : "-",
		thread_request ? thread_request : "-");
	if (n >= (int)sizeof(line) / 2)
		n = (int)sizeof(line) / 2 - 1;
	m = vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	if (m > 0)
		n += m;
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	line[n] = '\0';
	line_clean(line);
	line[n] = '\n';
	do
		done = write(atomic_load(&sink.fd), line, (size_t)n + 1);
	while (done < 0 && errno == EINTR);
	errno = saved;
}

#define LOG_AT(level)      \
 va_list ap;               \
 va_start(ap, fmt);        \
 log_line(level, fmt, ap); \
 va_end(ap)

void
log_error(const char *fmt, ...)
{
	LOG_AT(LOG_ERROR);
}

void
log_warning(const char *fmt, ...)
{
	LOG_AT(LOG_WARNING);
}

void
log_info(const char *fmt, ...)
{
	LOG_AT(LOG_INFO);
}

void
log_debug(const char *fmt, ...)
{
	LOG_AT(LOG_DEBUG);
}

void
log_err(const char *what, const struct err *e)
{
	if (err_set(e))
		log_error("%s: %s (%s)", what, e->text, e->code);
}

void
log_fault(const char *what, struct err *e)
{
	if (!err_set(e))
		return;
	if (!*e->detail)
		uuid_make(e->detail);
	log_error("%s: %s (%s) [%s]", what, e->text, e->code, e->detail);
}

enum log_level
log_level_by_name(const char *name)
{
	static const char *const names[] = { "error", "warning", "info",
		"debug" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], name))
			return (enum log_level)i;
	return LOG_INFO;
}
