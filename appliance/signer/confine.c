/* SPDX-License-Identifier: MIT */
/*
 * What the signer process gives up. Each measure is best effort: a kernel
 * without one of them still runs us.
 */
#include "signer_int.h"

#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "log.h"

enum { FD_SCAN_MAX = 65536, LOCK_ROOM = 512 * 1024 * 1024 };

void
signer_close_others(const int *fd, int n)
{
	int top = STDERR_FILENO;
	for (int i = 0; i < n; i++)
		top = fd[i] > top ? fd[i] : top;
	for (int f = STDERR_FILENO + 1; f < top; f++) {
		bool keep = false;
		for (int i = 0; i < n; i++)
			keep |= fd[i] == f;
		if (!keep)
			close(f);
	}
#ifdef SYS_close_range
	if (syscall(SYS_close_range, (unsigned)top + 1, ~0u, 0) == 0)
		return;
#endif
	for (int f = top + 1; f < FD_SCAN_MAX; f++)
		close(f);
}

/* Future pages only where the limit leaves room for stacks and heap: past it
   the kernel refuses memory. */
static void
lock_memory(void)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	struct rlimit r;
	bool room = getrlimit(RLIMIT_MEMLOCK, &r) == 0 &&
		    (r.rlim_cur == RLIM_INFINITY || r.rlim_cur >= LOCK_ROOM);
	if (mlockall(room || geteuid() == 0 ? MCL_CURRENT | MCL_FUTURE
					    : MCL_CURRENT))
		log_debug("signer: memory cannot be locked");
#endif
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
# define WITH_FILTER 0 /* their run time needs the calls we forbid */
#elif defined(__x86_64__)
# define WITH_FILTER 1
# define AUDIT_ARCH  0xc000003eu
#elif defined(__aarch64__)
# define WITH_FILTER 1
# define AUDIT_ARCH  0xc00000b7u
#else
# define WITH_FILTER 0
#endif

#if WITH_FILTER
/* The kernel's seccomp interface; its headers are not part of every libc. */
struct filter_op {
	uint16_t code;
	uint8_t yes, no;
	uint32_t k;
};
struct filter_program {
	unsigned short len;
	const struct filter_op *ops;
};
enum {
	FILTER_LOAD = 0x20,
	FILTER_JEQ = 0x15,
	FILTER_JGE = 0x35,
	FILTER_RET = 0x06
};
/* From here on are the numbers of x86's second table (x32), where each call
   has another name for itself; other machines have no calls so high. */
# define OTHER_TABLE 0x40000000u
/* The same everywhere; the C library may be older than they are. A ring runs
   calls that no filter sees. */
enum { RING_SETUP = 425, RING_ENTER, RING_REGISTER };
# define RET_ALLOW 0x7fff0000u
# define RET_EPERM 0x00050001u
# define RET_KILL  0x80000000u

/* No other programs, no looking into other processes; no network: the last
   two, which a module may need to reach its hardware. */
static const int forbidden[] = { SYS_bind, SYS_listen, SYS_accept4, SYS_execve,
	SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev,
	SYS_mount, SYS_unshare, RING_SETUP, RING_ENTER, RING_REGISTER,
	SYS_socket, SYS_connect };
enum { FORBIDDEN = sizeof forbidden / sizeof forbidden[0], NETWORK = 2 };

static void
filter_calls(bool network)
{
	int last = FORBIDDEN - (network ? NETWORK : 0);
	struct filter_op ops[FORBIDDEN + 7];
	unsigned short n = 0;
	ops[n++] = (struct filter_op){ FILTER_LOAD, 0, 0, 4 };
	ops[n++] = (struct filter_op){ FILTER_JEQ, 1, 0, AUDIT_ARCH };
	ops[n++] = (struct filter_op){ FILTER_RET, 0, 0, RET_KILL };
	ops[n++] = (struct filter_op){ FILTER_LOAD, 0, 0, 0 };
	ops[n++] = (struct filter_op){ FILTER_JGE, (uint8_t)(last + 1), 0,
		OTHER_TABLE };
	for (int i = 0; i < last; i++)
		ops[n++] = (struct filter_op){ FILTER_JEQ, (uint8_t)(last - i),
			0, (uint32_t)forbidden[i] };
	ops[n++] = (struct filter_op){ FILTER_RET, 0, 0, RET_ALLOW };
	ops[n++] = (struct filter_op){ FILTER_RET, 0, 0, RET_EPERM };
	struct filter_program program = { n, ops };
	if (prctl(PR_SET_SECCOMP, 2, &program, 0, 0))
		log_warning("signer: the kernel takes no system call filter");
}
#else
static void
filter_calls(bool network)
{
	(void)network;
}
#endif

void
signer_confine(const int fd[SIGNER_LANES], bool network)
{
	struct rlimit none = { 0, 0 };
	signer_close_others(fd, SIGNER_LANES);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	/* Ctrl-C reaches the whole group: the parent ends us, not the tty */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	lock_memory();
	filter_calls(network);
}
