/* SPDX-License-Identifier: MIT */
/*
 * Stand-alone replay of a fuzz target: without libFuzzer, in plain `make test`.
 *
 *	<noun>_fuzz              the corpus of the noun, extra vectors, mutations
 *	<noun>_fuzz FILE ...     just these files: to look at a crash again
 *
 * The corpus is test/fuzz/corpus/<noun>/. A target may name directories of
 * shared vectors in `fuzz_vectors`, NULL-ended. Every input is run as it is and
 * then mutated FUZZ_RUNS times (environment, default 2000 for the corpus, 200
 * for vectors) by a seeded generator, so that a failure repeats; the input of
 * a crash is kept in $TMPDIR/crash-<noun>.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

enum {
	INPUT_MAX = 4 * 1024 * 1024,
	RUNS_CORPUS = 2000,
	RUNS_VECTORS = 200,
	RUN_BYTES = 64 * 1024 * 1024, /* mutated bytes per input, at most */
	DEPTH_MAX = 6,                /* of vector directories */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_vectors[] __attribute__((weak));

struct replay {
	long runs; /* mutations per input */
	long inputs;
	long mutants;
};

/* The input that is running: kept in a file if the target dies of it. */
static struct {
	const uint8_t *data;
	size_t n;
	const char *from;    /* file it was made of */
	char file[PATH_MAX]; /* where it is kept */
} running;

static uint64_t
random_next(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return *state = x;
}

static size_t
random_below(uint64_t *state, size_t n)
{
	return n ? (size_t)(random_next(state) % n) : 0;
}

/* Exactly sized, so that a sanitizer sees one byte too far. */
static void
run_once(const uint8_t *data, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		exit(1);
	if (n)
		memcpy(copy, data, n);
	running.data = data;
	running.n = n;
	LLVMFuzzerTestOneInput(copy, n);
	running.data = NULL;
	free(copy);
}

static void
say(const char *s)
{
	if (write(STDOUT_FILENO, s, strlen(s)) < 0)
		_exit(1);
}

/* Called while dying: only what a signal handler may do. */
static void
crash_keep(void)
{
	int fd;

	if (!running.data)
		return;
	fd = open(running.file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd >= 0 && write(fd, running.data, running.n) >= 0) {
		say("# the input is kept in ");
		say(running.file);
	}
	say("\n# it was made of ");
	say(running.from ? running.from : "nothing");
	say("\n");
	running.data = NULL;
}

static void
crash_signal(int number)
{
	crash_keep();
	signal(number, SIG_DFL);
	raise(number);
}

/* Of the sanitizers' run time; absent in other builds. */
extern void __sanitizer_set_death_callback(void (*fn)(void))
	__attribute__((weak));

static void
crash_watch(const char *noun)
{
	static const int number[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE,
		SIGILL };
	const char *base = getenv("TMPDIR");
	size_t i;

	snprintf(running.file, sizeof(running.file), "%s/crash-%s",
		base && *base ? base : "/tmp", noun);
	for (i = 0; i < sizeof(number) / sizeof(number[0]); i++)
		signal(number[i], crash_signal);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(crash_keep);
}

static size_t
mutate_flip(uint8_t *p, size_t n, uint64_t *r)
{
	if (n)
		p[random_below(r, n)] ^= (uint8_t)(1u << random_below(r, 8));
	return n;
}

static size_t
mutate_byte(uint8_t *p, size_t n, uint64_t *r)
{
	static const uint8_t odd[] = { 0x00, 0xff, 0x7f, 0x80, '<', '>', '"',
		'&', '\r', '\n', '-', '{', '[', '%', '=', ';', 0xc0, 0x30 };

	if (n)
		p[random_below(r, n)] = odd[random_below(r, sizeof(odd))];
	return n;
}

static size_t
mutate_cut(uint8_t *p, size_t n, uint64_t *r)
{
	(void)p;
	return random_below(r, n + 1);
}

static size_t
mutate_remove(uint8_t *p, size_t n, uint64_t *r)
{
	size_t at = random_below(r, n), len = random_below(r, n - at + 1);

	if (len > 64)
		len %= 64;
	memmove(p + at, p + at + len, n - at - len);
	return n - len;
}

/* Repeats a piece in place; the buffer has room for twice the input. */
static size_t
mutate_double(uint8_t *p, size_t n, uint64_t *r)
{
	size_t at = random_below(r, n), len = random_below(r, n - at + 1);

	memmove(p + at + len, p + at, n - at);
	return n + len;
}

static size_t
mutate_swap(uint8_t *p, size_t n, uint64_t *r)
{
	size_t a = random_below(r, n), b = random_below(r, n);
	uint8_t c;

	if (n == 0)
		return n;
	c = p[a];
	p[a] = p[b];
	p[b] = c;
	return n;
}

static size_t (*const mutator[])(uint8_t *, size_t, uint64_t *) = {
	mutate_flip,
	mutate_flip,
	mutate_byte,
	mutate_byte,
	mutate_cut,
	mutate_remove,
	mutate_double,
	mutate_swap,
};

static void
run_mutants(struct replay *s, const uint8_t *data, size_t n)
{
	uint64_t r = 0x9e3779b97f4a7c15u ^ (n * 0x100000001b3u);
	long i, runs = s->runs;
	uint8_t *work = malloc(n * 2 + 1);

	if (!work)
		exit(1);
	if (n && runs > (long)(RUN_BYTES / n))
		runs = (long)(RUN_BYTES / n);
	for (i = 0; i < runs; i++) {
		size_t len = n, kind;
		int times = 1 + (int)random_below(&r, 3);

		if (n)
			memcpy(work, data, n);
		while (times-- > 0) {
			kind = random_below(
				&r, sizeof(mutator) / sizeof(mutator[0]));
			if (len * 2 > n * 2 && mutator[kind] == mutate_double)
				continue;
			len = mutator[kind](work, len, &r);
		}
		run_once(work, len);
		s->mutants++;
	}
	free(work);
}

static void
run_file(struct replay *s, const char *path)
{
	uint8_t *data = malloc(INPUT_MAX);
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!data || !f) {
		ok_m(false, "%s can be read", path);
		free(data);
		return;
	}
	n = fread(data, 1, INPUT_MAX, f);
	fclose(f);
	running.from = path;
	run_once(data, n);
	run_mutants(s, data, n);
	free(data);
	s->inputs++;
}

static void run_tree(struct replay *s, const char *path, int depth);

static int
visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void
run_entries(struct replay *s, const char *path, int depth)
{
	struct dirent **entry = NULL;
	char below[PATH_MAX];
	int i, n = scandir(path, &entry, visible, alphasort);

	for (i = 0; i < n; i++) {
		if (snprintf(below, sizeof(below), "%s/%s", path,
			    entry[i]->d_name) < (int)sizeof(below))
			run_tree(s, below, depth + 1);
		free(entry[i]);
	}
	free(entry);
}

static void
run_tree(struct replay *s, const char *path, int depth)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return;
	if (S_ISREG(st.st_mode))
		run_file(s, path);
	else if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
		run_entries(s, path, depth);
}

/* "path/to/soap_fuzz" -> "soap" */
static void
noun_of(const char *argv0, char *out, size_t max)
{
	const char *slash = strrchr(argv0, '/');
	size_t n;

	snprintf(out, max, "%s", slash ? slash + 1 : argv0);
	n = strlen(out);
	if (n > 5 && strcmp(out + n - 5, "_fuzz") == 0)
		out[n - 5] = '\0';
}

/* Below the current directory, or above the executable. */
static void
corpus_path(const char *noun, char out[PATH_MAX])
{
	char here[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", here, sizeof(here) - 1);
	char *slash;

	snprintf(out, PATH_MAX, "test/fuzz/corpus/%s", noun);
	if (access(out, R_OK) == 0 || n < 0)
		return;
	here[n] = '\0';
	while ((slash = strrchr(here, '/')) && slash != here) {
		*slash = '\0';
		if (snprintf(out, PATH_MAX, "%s/test/fuzz/corpus/%s", here,
			    noun) < PATH_MAX &&
			access(out, R_OK) == 0)
			return;
	}
}

static long
runs_wanted(long otherwise)
{
	const char *s = getenv("FUZZ_RUNS");

	return s && *s ? strtol(s, NULL, 10) : otherwise;
}

static void
replay_corpus(const char *noun)
{
	struct replay s = { .runs = runs_wanted(RUNS_CORPUS) };
	char path[PATH_MAX];

	corpus_path(noun, path);
	run_once((const uint8_t *)"", 0);
	run_tree(&s, path, 0);
	ok_m(s.inputs > 0, "%s: corpus of %ld inputs, %ld mutants", noun,
		s.inputs, s.mutants);
}

static void
replay_vectors(const char *noun)
{
	struct replay s = { .runs = runs_wanted(RUNS_VECTORS) };
	size_t i;

	if (!fuzz_vectors)
		return;
	for (i = 0; fuzz_vectors[i]; i++) {
		const char *found = vectors_path(fuzz_vectors[i]);
		char path[PATH_MAX];

		if (!found) {
			tap_skip("the shared vectors are not here");
			return;
		}
		snprintf(path, sizeof(path), "%s", found);
		run_tree(&s, path, 0);
	}
	ok_m(s.inputs > 0, "%s: %ld vectors, %ld mutants", noun, s.inputs,
		s.mutants);
}

int
main(int argc, char **argv)
{
	struct replay only = { 0 };
	char noun[NAME_MAX + 1];
	int i;

	noun_of(argv[0], noun, sizeof(noun));
	crash_watch(noun);
	if (argc > 1) {
		for (i = 1; i < argc; i++)
			run_file(&only, argv[i]);
		ok_m(only.inputs == argc - 1, "%ld files", only.inputs);
		return tap_done();
	}
	replay_corpus(noun);
	replay_vectors(noun);
	return tap_done();
}
