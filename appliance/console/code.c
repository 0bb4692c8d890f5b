/* SPDX-License-Identifier: MIT */
/*
 * What a member code is by Japanese conventions (publicid.h): for the pages,
 * which propose a town's corporate number, and for `machilink code`.
 */
#include "console_int.h"

#include "err.h"
#include "http_server.h"
#include "publicid.h"

enum { CODE_TEXT_MAX = 8 * 1024 };

static void
put(struct buf *b, const char *key, const char *value)
{
	buf_fmt(b, ",\"%s\":", key);
	if (value && *value)
		buf_json(b, value);
	else
		buf_str(b, "null");
}

void
console_code_json(struct buf *b, const char *code)
{
	static const char *const kind[] = { "other", "corporate_number",
		"municipality_code", "municipality_code_short" };
	char say[PUBLICID_TEXT_MAX], digit[2] = "";
	struct publicid p;

	publicid_read(code, &p);
	digit[0] = p.expected;
	buf_str(b, "{\"code\":");
	buf_json(b, code);
	put(b, "kind", kind[p.kind]);
	buf_fmt(b, ",\"check_digit_fits\":%s", p.good ? "true" : "false");
	put(b, "check_digit", digit);
	put(b, "municipality_code", p.town);
	put(b, "corporate_number", p.corporate);
	put(b, "prefecture", p.area);
	put(b, "prefecture_ja", p.area_ja);
	put(b, "body", p.body);
	put(b, "body_ja", p.body_ja);
	put(b, "text", publicid_say(code, false, say));
	put(b, "text_ja", publicid_say(code, true, say));
	buf_char(b, '}');
}

int
code_get(struct request *r, void *state, struct err *e)
{
	const char *code = request_segment(r, "code");
	struct buf b;
	int ret;

	(void)state;
	buf_init(&b, CODE_TEXT_MAX);
	console_code_json(&b, code ? code : "");
	ret = buf_ok(&b, "the code", e);
	if (!ret)
		ret = reply_json(r, 200, b.data, e);
	buf_done(&b);
	return ret;
}
