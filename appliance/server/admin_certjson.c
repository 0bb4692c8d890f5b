/* SPDX-License-Identifier: MIT */
/* Administration: certificates as the API shows them. */
#include "admin_int.h"
#include "certjson.h"
#include "clock.h"
#include "err.h"
#include "mem.h"
#include "ocsp.h"
#include "text.h"

json_t *
admin_cert_details(struct arena *a, const struct cert *c)
{
	return cert_details_json(a, c);
}

const char *
admin_ocsp_word(struct request *r, struct server *s, const struct k_cert *c)
{
	struct ocsp_answer answer;
	struct bytes der;
	int64_t produced;

	if (!c->active)
		return "DISABLED";
	if (cert_not_after(c->cert) < clock_now())
		return "EXPIRED";
	if (ocspstore_of(s->ocsp, request_arena(r), c->cert, &der, NULL) ||
		ocsp_peek(der, &answer, &produced, NULL))
		return "OCSP_RESPONSE_UNKNOWN";
	return answer.status == OCSP_GOOD      ? "OCSP_RESPONSE_GOOD"
	       : answer.status == OCSP_REVOKED ? "OCSP_RESPONSE_REVOKED"
					       : "OCSP_RESPONSE_UNKNOWN";
}

json_t *
admin_cert_json(struct request *r, struct server *s, const struct k_cert *c)
{
	struct arena *a = request_arena(r);
	json_t *j = json_object();

	json_put_str(j, "ocsp_status", admin_ocsp_word(r, s, c));
	json_put_str(j, "owner_id",
		c->has_member ? admin_client_id(a, &c->member) : "");
	json_put_bool(j, "active", c->active);
	json_put_bool(j, "saved_to_configuration", true);
	if (c->ocsp_error)
		json_put_str(j, "ocsp_verify_before_activation_error",
			c->ocsp_error);
	if (c->renewed_by)
		json_put_str(j, "renewed_cert_hash", c->renewed_by);
	if (c->renewal_error)
		json_put_str(j, "renewal_error", c->renewal_error);
	if (c->next_renewal)
		json_put_time(
			j, "next_automatic_renewal_time", c->next_renewal);
	json_put_new(j, "certificate_details", admin_cert_details(a, c->cert));
	json_put_str(j, "status", c->status);
	json_put_new(j, "possible_actions",
		admin_actions_json(admin_cert_actions(c)));
	return j;
}
