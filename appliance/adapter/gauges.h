/* SPDX-License-Identifier: MIT */
/* The adapter's numbers for Prometheus; see gauges.c. */
#pragma once

#ifndef IN_ADAPTER
# error "gauges.h is private to appliance/adapter"
#endif

struct metrics;

/* A metrics_fn (monitor.h): adapter is a struct adapter whose shelf and trace
   are open. */
void gauges_write(void *adapter, struct metrics *out);
