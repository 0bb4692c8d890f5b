/* SPDX-License-Identifier: MIT */
/* Permissions by name, for pages and scripts that ask what a caller may do. */
#include "console_int.h"

#include "text.h"

static const struct permission {
	const char *name;
	unsigned roles;
	char api; /* S security server, C center */
} permissions[] = {
#define PERMISSION(api, name, roles) { name, roles, #api[0] },
#include "permission.def"
};
enum { PERMISSIONS = sizeof(permissions) / sizeof(permissions[0]) };

/* Does this process run the role whose permission it is? */
static bool
runs_api(const struct role_env *env, char api)
{
	const char *name = api == 'C' ? "center" : "security-server";

	for (size_t i = 0; i < env->runs; i++)
		if (str_equal(env->run[i].role->name, name))
			return true;
	return false;
}

/* A name that both interfaces have is told once. */
static bool
told(const struct role_env *env, size_t n, unsigned roles)
{
	for (size_t i = 0; i < n; i++)
		if (str_equal(permissions[i].name, permissions[n].name) &&
			(permissions[i].roles & roles) &&
			runs_api(env, permissions[i].api))
			return true;
	return false;
}

void
permissions_json(struct buf *b, const struct role_env *env, unsigned roles)
{
	const char *sep = "";

	buf_char(b, '[');
	for (size_t i = 0; i < PERMISSIONS; i++) {
		if (!(permissions[i].roles & roles) ||
			!runs_api(env, permissions[i].api) ||
			told(env, i, roles))
			continue;
		buf_str(b, sep);
		buf_json(b, permissions[i].name);
		sep = ",";
	}
	buf_char(b, ']');
}
