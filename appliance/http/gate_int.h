/* SPDX-License-Identifier: MIT */
/*
 * Who is served next: accepted connections wait here for a thread, in a queue
 * per source address. Addresses take turns, and none may hold all threads, so
 * that one that floods us waits for itself alone. X-Road's anti-DoS does the
 * same for its selector threads (interop/xroad-messages.md 2.9).
 *
 * An address gets a further thread while it holds no more than `share` of
 * those that it holds and those that are free: 75 of 100 leaves a quarter to
 * others, two greedy addresses leave a seventh, and so on; the first
 * connection of an address is always let in.
 */
#pragma once
#ifndef IN_HTTP
# error "gate_int.h is private to http/"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GATE_KEY = 16 };

struct sockaddr;
struct gate;
struct gate_peer; /* one source address */

/* Items are `item` bytes that the gate copies. share in percent, 100: no
   limit. waiting_max: connections that may wait. */
struct gate *gate_new(int threads, int share, size_t waiting_max, size_t item);
/* What still waits is handed to `drop` first. */
void gate_free(struct gate **g, void (*drop)(const void *item));

/* IPv4 as it is, IPv6 without the last 64 bits: those are one sender's. */
void gate_key(const struct sockaddr *sa, uint8_t key[GATE_KEY]);
/* The same of an address as text; all zero for what is none. */
void gate_key_text(const char *address, uint8_t key[GATE_KEY]);
/* Queues an item. True if there were too many (or `scarce` is set: files run
   out): *dropped is the one that gave way, the oldest of the address with the
   most waiting. */
bool gate_put(struct gate *g, const uint8_t key[GATE_KEY], const void *item,
	bool scarce, void *dropped);
/* Leaves *held (NULL: nothing), waits for the next item, holds its address in
   *held. False when the gate was stopped. */
bool gate_take(struct gate *g, struct gate_peer **held, void *item);
/* True if a kept connection of this address would stand in somebody's way. */
bool gate_crowded(struct gate *g, const struct gate_peer *p);
void gate_stop(struct gate *g);
