/* SPDX-License-Identifier: MIT */
/*
 * First start, Personal-Link: the operator's center and the town's cache, each
 * behind the town's security server under a subsystem of its own; what the
 * officers declare; and the town's service that needs consent.
 */
#include "lab_int.h"

#include "err.h"
#include "file.h"
#include "mem.h"
#include "site_int.h"
#include "text.h"

enum { PULL_S = 30 };

#define CENTER_CLIENT LAB_INSTANCE ":" HOST_CLASS ":" HOST_CODE ":" LINK_SYSTEM
#define TOWN_CLIENT   LAB_INSTANCE ":" TOWN_CLASS ":" TOWN_CODE ":" LINK_SYSTEM
#define FIRM_CLIENT   LAB_INSTANCE ":" FIRM_CLASS ":" FIRM_CODE ":" FIRM_SYSTEM
#define TOWN_SERVICE \
 LAB_INSTANCE ":" TOWN_CLASS ":" TOWN_CODE ":" TOWN_SYSTEM ":" INCOME_SERVICE
#define TOWN_MEMBER LAB_INSTANCE "/" TOWN_CLASS "/" TOWN_CODE
#define FIRM_MEMBER LAB_INSTANCE "/" FIRM_CLASS "/" FIRM_CODE

/* ---- the machines ---- */

static char *
pages_url(struct lab *l, struct arena *a)
{
	return arena_printf(a, "https://%s:%d", l->machine[CENTER].address,
		lab_port(l, PORT_RESIDENT));
}

char *
lab_callback(struct lab *l, struct arena *a)
{
	return arena_printf(a, "%s/callback/lab", pages_url(l, a));
}

static void
write_common(
	struct lab *l, const struct machine *m, const char *mode, struct buf *b)
{
	buf_fmt(b,
		"\n[personal-link]\nmode = %s\n"
		"subsystem = " LAB_INSTANCE "/%s/%s/" LINK_SYSTEM "\n"
		"center-service = " LAB_INSTANCE "/" HOST_CLASS "/" HOST_CODE
		"/" LINK_PATH "\nserver-url = http://%s:%d\n"
		"listen-address = %s\nlisten-port = %d\n",
		mode, m->cls, m->code, l->machine[TOWN].address,
		lab_port(l, PORT_IS), m->address, lab_port(l, PORT_LINK));
}

void
link_write_center(struct lab *l, struct buf *b)
{
	const struct machine *m = &l->machine[CENTER];

	if (!l->residents)
		return;
	write_common(l, m, "center", b);
	buf_fmt(b,
		"resident-listen-address = %s\nresident-port = %d\n"
		"resident-url = %s\nproviders-file = %s/providers.yaml\n"
		"provider-trust-anchors = %s/provider.crt\n"
		"operator-name = %s\n",
		m->address, lab_port(l, PORT_RESIDENT), pages_url(l, l->arena),
		m->dir, site_dir(l), m->owner_name);
}

void
link_write_town(struct lab *l, struct buf *b)
{
	if (!l->residents)
		return;
	write_common(l, &l->machine[TOWN], "cache", b);
	buf_fmt(b, "pull-interval = %d\n", PULL_S);
}

int
link_write_providers(struct lab *l, struct err *e)
{
	const struct machine *m = &l->machine[CENTER];
	char *text = arena_printf(l->arena,
		"# The lab's own provider: not for anything else.\n"
		"providers:\n- name: lab\n  issuer: https://%s:%d\n"
		"  clientId: " SITE_CLIENT "\n  secretFile: %s/secret\n"
		"  level: \"1\"\n  label: {ja: 実験用のサインイン, en: Sign-in "
		"of the lab}\n",
		l->site_address, lab_port(l, PORT_SITE), site_dir(l));

	return file_write(path_join(l->arena, m->dir, "providers.yaml"),
		bytes_str(text), FILE_PUBLIC, e);
}

/* ---- subsystems, services, rights ---- */

int
link_clients(struct lab *l, struct err *e)
{
	struct machine *town = &l->machine[TOWN];

	if (!l->residents)
		return 0;
	return lab_add_client(l, town, &l->machine[CENTER], LINK_SYSTEM, e) ||
			       lab_add_client(l, town, town, LINK_SYSTEM, e)
		       ? -1
		       : 0;
}

static int
describe(struct lab *l, const char *client, enum machine_id at,
	const char *code, struct err *e)
{
	const struct description d = { "REST",
		arena_printf(l->arena, "http://%s:%d", l->machine[at].address,
			lab_port(l, PORT_LINK)),
		code };
	json_t *made;

	return lab_describe(l, &l->machine[TOWN], client, &d, &made, e);
}

static int
describe_income(struct lab *l, struct err *e)
{
	struct machine *town = &l->machine[TOWN];
	const struct description d = { "REST",
		arena_printf(l->arena, "http://%s:%d/api/service/%s",
			town->address, lab_port(l, PORT_ADAPTER),
			INCOME_SERVICE),
		INCOME_SERVICE };
	json_t *made;

	return lab_describe(l, town, lab_client_id(l, town), &d, &made, e);
}

int
link_services(struct lab *l, struct err *e)
{
	if (!l->residents)
		return 0;
	return describe(l, CENTER_CLIENT, CENTER, LINK_SERVICE,
		       e) || describe(l, TOWN_CLIENT, TOWN, CACHE_SERVICE, e) ||
			       describe_income(l, e)
		       ? -1
		       : 0;
}

static int
grant(struct lab *l, const char *service, const char *who, struct err *e)
{
	struct api_answer a;

	return api_do(l, &l->machine[TOWN], "POST",
		arena_printf(l->arena, "/services/%s/service-clients", service),
		arena_printf(l->arena,
			"{\"items\":[{\"id\":\"%s\",\"service_client_type\":"
			"\"SUBSYSTEM\"}]}",
			who),
		&a, e);
}

struct right {
	const char *service, *who;
};
static const struct right rights[] = {
	{ CENTER_CLIENT ":" LINK_SERVICE, CENTER_CLIENT }, /* decisions */
	{ CENTER_CLIENT ":" LINK_SERVICE, TOWN_CLIENT },
	{ CENTER_CLIENT ":" LINK_SERVICE, FIRM_CLIENT },
	{ TOWN_CLIENT ":" CACHE_SERVICE, CENTER_CLIENT },
	{ TOWN_CLIENT ":" CACHE_SERVICE, TOWN_CLIENT },
	{ TOWN_SERVICE, FIRM_CLIENT },
};

int
link_rights(struct lab *l, struct err *e)
{
	if (!l->residents)
		return 0;
	for (size_t i = 0; i < sizeof(rights) / sizeof(*rights); i++)
		if (grant(l, rights[i].service, rights[i].who, e))
			return -1;
	return 0;
}

int
link_requests(struct lab *l, struct err *e)
{
	struct machine *town = &l->machine[TOWN];

	if (!l->residents)
		return 0;
	return lab_request_client(l, town, CENTER_CLIENT, e) ||
			       lab_request_client(l, town, TOWN_CLIENT, e)
		       ? -1
		       : 0;
}

int
link_await(struct lab *l, struct err *e)
{
	static const char *const client[] = { CENTER_CLIENT, TOWN_CLIENT };

	for (size_t i = 0; l->residents && i < 2; i++)
		if (api_wait(l, &l->machine[TOWN],
			    arena_printf(l->arena, "/clients/%s", client[i]),
			    lab_client_is_registered, NULL,
			    "the registration of Personal-Link's subsystem", e))
			return -1;
	return 0;
}

/* ---- what the officers declare ---- */

static int
officer(struct lab *l, const char *path, const char *body, struct err *e)
{
	struct api_answer a;

	return api_do(l, &l->machine[CENTER], "POST",
		arena_printf(l->arena, "/machilink/link%s", path), body, &a, e);
}

static int
organisations(struct lab *l, struct err *e)
{
	const char *body = arena_printf(l->arena,
		"{\"member\":\"" TOWN_MEMBER "\",\"name\":{\"ja\":\"海風町\","
		"\"en\":\"Umikaze Town\"},\"door\":\"" TOWN_MEMBER
		"/" LINK_SYSTEM "/" CACHE_SERVICE "\",\"returnUrl\":"
		"\"https://%s:%d/town/back\"}",
		l->site_address, lab_port(l, PORT_SITE));

	if (officer(l, "/organisations", body, e))
		return -1;
	return officer(l, "/organisations",
		"{\"member\":\"" FIRM_MEMBER "\",\"name\":{\"ja\":"
		"\"みなと物流\",\"en\":\"Minato Logistics\"}}",
		e);
}

static int
declarations(struct lab *l, struct err *e)
{
	if (officer(l, "/services",
		    "{\"target\":\"" TOWN_MEMBER "/" TOWN_SYSTEM
		    "/" INCOME_SERVICE "\",\"title\":{\"ja\":\"所得の証明\","
		    "\"en\":\"Proof of income\"},\"data\":{\"ja\":"
		    "\"町民税の課税台帳にある年ごとの所得と税額\",\"en\":"
		    "\"Income and tax by year, from the town's tax ledger\"},"
		    "\"legal\":{\"ja\":\"本人の同意\",\"en\":\"The person's "
		    "consent\"},\"items\":[{\"code\":\"income\",\"ja\":"
		    "\"所得金額\",\"en\":\"Income\"},{\"code\":\"tax\","
		    "\"ja\":\"町民税額\",\"en\":\"Town tax\"}],"
		    "\"maxDays\":90}",
		    e))
		return -1;
	return officer(l, "/purposes",
		"{\"subsystem\":\"" FIRM_MEMBER "/" FIRM_SYSTEM "\",\"code\":"
		"\"" INCOME_PURPOSE "\",\"title\":{\"ja\":\"住宅手当の審査\","
		"\"en\":\"Housing allowance\"},\"reason\":{\"ja\":"
		"\"手当の額を決めるため\",\"en\":\"To decide on the allowance"
		"\"},\"policyUrl\":\"https://www.example.org/privacy\"}",
		e);
}

int
link_declare_sites(struct lab *l, struct err *e)
{
	return officer(l, "/services",
		"{\"target\":\"" TOWN_MEMBER "/" TOWN_SYSTEM "/" SITES_SERVICE
		"\",\"title\":{\"ja\":\"避難場所 (測定用)\","
		"\"en\":\"Evacuation sites (for measuring)\"},\"data\":{"
		"\"ja\":\"避難場所\",\"en\":\"Evacuation sites\"},\"legal\":{"
		"\"ja\":\"本人の同意\",\"en\":\"The person's consent\"},"
		"\"items\":[{\"code\":\"site\",\"ja\":\"場所\",\"en\":"
		"\"Site\"}],\"maxDays\":90}",
		e);
}

static int
declare(struct lab *l, struct err *e)
{
	return organisations(l, e) || declarations(l, e) ? -1 : 0;
}

/* From now on the town's server asks the town's cache before each request. */
static int
need_consent(struct lab *l, struct err *e)
{
	struct api_answer a;

	return api_do(l, &l->machine[TOWN], "PUT",
		"/machilink/services/" TOWN_SERVICE "/consent",
		"{\"subject\":{\"in\":\"header\",\"name\":\"" PERSON_HEADER
		"\"},\"purpose\":{\"in\":\"fixed\",\"name\":\"" INCOME_PURPOSE
		"\"},\"items\":[\"income\"]}",
		&a, e);
}

static bool
is_whole(const json_t *answer, const void *ctx)
{
	(void)ctx;
	return json_bool(answer, "whole", false);
}

static int
await_cache(struct lab *l, struct err *e)
{
	return api_wait(l, &l->machine[TOWN], "/machilink/link", is_whole, NULL,
		"the center's declarations to reach the cache", e);
}

const struct step setup_link_steps[] = {
	{ "declarations", "Personal-Link: 機関・サービス・目的を宣言",
		"Personal-Link: organisations, service and purpose declared",
		declare },
	{ "needs-consent", "町の「所得の証明」を同意が必要なサービスにする",
		"the town's proof of income needs consent", need_consent },
	{ "cache", "宣言が町のキャッシュに届く",
		"the declarations reach the town's cache", await_cache },
	{ NULL, NULL, NULL, NULL },
};
