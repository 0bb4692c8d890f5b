/* SPDX-License-Identifier: MIT */
/*
 * Tests of named fault points.
 */
#include "faultpoint.h"
#include "tap.h"

int
main(void)
{
	ok(!fault_at("a.b"));
	fault_arm("a.b", 1, 2);
	ok(!fault_at("x.y"));
	ok(!fault_at("a.b"));
	ok(fault_at("a.b"));
	ok(fault_at("a.b"));
	ok(!fault_at("a.b"));
	fault_arm("a.b", 0, 1);
	fault_disarm();
	ok(!fault_at("a.b"));
	return tap_done();
}
