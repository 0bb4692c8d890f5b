/* SPDX-License-Identifier: MIT */
/*
 * Face of the lab: a center, a town and a company on this machine, as separate
 * processes of this binary, through the real doors (design section 10).
 */
#pragma once

int cmd_lab(int argc, char **argv);
