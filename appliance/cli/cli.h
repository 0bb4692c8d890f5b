/* SPDX-License-Identifier: MIT */
/*
 * Face of the command line: one command = one function = one row in main.c.
 * Each gets argv after the command's name and returns the exit code:
 * 0 done (or valid), 1 refused (or invalid), 2 cannot tell, 64 wrong usage,
 * 70 our own failure.
 */
#pragma once

enum exit_code {
	EXIT_OK = 0,
	EXIT_INVALID = 1,
	EXIT_CANNOT_TELL = 2,
	EXIT_USAGE = 64,
	EXIT_FAILED = 70,
};

int cmd_serve(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_log(int argc, char **argv);
int cmd_conf(int argc, char **argv);
int cmd_param(int argc, char **argv);
int cmd_setup(int argc, char **argv);
int cmd_audit(int argc, char **argv);
int cmd_seal(int argc, char **argv);
int cmd_map(int argc, char **argv);
int cmd_api_key(int argc, char **argv);
int cmd_user(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_backup(int argc, char **argv);
int cmd_apply(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_code(int argc, char **argv);
int cmd_api(int argc, char **argv);
