/* SPDX-License-Identifier: MIT */
/*
 * PKCS#12: files made by openssl for one throw-away key, wrong passwords, cut
 * and changed files, and the software token of X-Road's closed laboratory.
 */
#include "pkcs12.h"

#include <string.h>

#include "err.h"
#include "file.h"
#include "key.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

/* PBES2, AES-256, MAC with SHA-256; password Secret1234; with certificate */
static const char shrouded[] =
	"MIID/AIBAzCCA7IGCSqGSIb3DQEHAaCCA6MEggOfMIIDmzCCAlIGCSqGSIb3DQEH"
	"BqCCAkMwggI/AgEAMIICOAYJKoZIhvcNAQcBMFcGCSqGSIb3DQEFDTBKMCkGCSqG"
	"SIb3DQEFDDAcBAj5BNaD7W06tgICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQME"
	"ASoEENmpJ9ooRppFCEvpq6apU1CAggHQFSIsKYv6+0f6vTXuNBfcLDCOClBKJ3Ud"
	"uaJlrR3wlCkjmKUeOrruOfN0n0PFz96uuvvzYBfHlF1jQiOtcAEfj/I/Bwwev4zE"
	"5nA0snhcvag7nD6fZeIHgOFvI5gga6G7shFjAFCpK40mwzNb0snTlDw3dNaXf4x4"
	"rwpLCo1XTvevxzISMlwZhZMmO7GT3H+ATg60hrKvQI4Hk4mDHVl8TccMhx80EJuN"
	"zZxPQLlI6cxi733oQILxaVJ7Cd5pmQD5wogjUVLqVKcXwREW5ZqWSjPDbIzi9RUs"
	"Lm/Qt5o5iloKi1vQkW5/KvH28dYsmlI3mksclwAEQFll34ysAqqFNUrDY2rg9u2p"
	"fND7NFiXFBmdoWgU9nqTCqVZITESAB7UK2q2y/YZJvB8wWRDAttFs+OzublW01Pp"
	"6Zi/dJVxf1+vRy+VSWNLp81fIFFRdRtGoblWhJxqhqgK4g8GyESEfc+rjkxbS/ye"
	"guzGEi9MNT0Sm4f5EnCGhfiQGgVIcUbP96jukkJGPIBftXJVSHERcKjkwHwTw/kQ"
	"Rk3cGNibnIedLhm8z/Psru42lu7JTpMfbk9VFBs45PchELYf8IohbL7v12Y6iIVL"
	"ICFT3Pe5ZDUwggFBBgkqhkiG9w0BBwGgggEyBIIBLjCCASowggEmBgsqhkiG9w0B"
	"DAoBAqCB7zCB7DBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIs0hO0IC4"
	"xzUCAggAMAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBCuYvm3RKRPZaBdIKBb"
	"fv0wBIGQnaaNwLltgawFq72zhpTdMXylO30n/yPcfdxyqFZI1yDc1SKXnsDFUshX"
	"w+Rh4TxZ+Fjjee0lM7mxFcH9plTD1NmRhY5mSocfNHdU6/cQhons52TOZ6Ixaq5a"
	"mzNmtMYnv8l5DWMim3wuKtc6MLgIvnh770rkeMOxAu6zVszyK0em/uZdg1blnOJS"
	"KXjOU4JEMSUwIwYJKoZIhvcNAQkVMRYEFC/Xk8j0wglo69PRRknFYRDPbD+tMEEw"
	"MTANBglghkgBZQMEAgEFAAQgebeIfHXsXMPYr8qFphZQnhq11hyy9AoHrzYfG2Ei"
	"7ygECMebbcJkQdhcAgIIAA==";
/* the key in the clear, MAC with SHA-1, one round */
static const char plain[] =
	"MIH9AgEDMIHIBgkqhkiG9w0BBwGggboEgbcwgbQwgbEGCSqGSIb3DQEHAaCBowSB"
	"oDCBnTCBmgYLKoZIhvcNAQwKAQGggYowgYcCAQAwEwYHKoZIzj0CAQYIKoZIzj0D"
	"AQcEbTBrAgEBBCBUMQLOVDh2MYe1CJmRow7Upzfnyl/SJjG1ODl6ImuFnaFEA0IA"
	"BPCeAWBq8Km4N0kToFNBg+3/8KLH/LCt/Y5TJOBMlf8h9NS6ohLDbHmWxt3nuNGe"
	"AE/B63vv4wpz1UBvcCj6hgswLTAhMAkGBSsOAwIaBQAEFG7eZhFGvbkfZVvMohSf"
	"z3ZladTBBAjKQ00yzSQwVQ==";
static const char public_half[] =
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8J4BYGrwqbg3SROgU0GD7f/wosf8"
	"sK39jlMk4EyV/yH01LqiEsNseZbG3ee40Z4AT8Hre+/jCnPVQG9wKPqGCw==";

static struct bytes
decode(struct arena *a, const char *text)
{
	struct bytes out = { 0 };

	is_int(base64_decode(a, text, strlen(text), &out, NULL), 0);
	return out;
}

static enum fault
opens(struct arena *a, struct bytes file, const char *password)
{
	struct err e = ERR_INIT;
	struct key *key, *other;

	if (pkcs12_key(&key, file, password, &e)) {
		ok(key == NULL);
		return e.fault;
	}
	is_int(key_parse_public(&other, decode(a, public_half), NULL), 0);
	ok(key_can_sign(key) && key_same_public(key, other));
	key_unref(&other);
	key_unref(&key);
	return FAULT_NONE;
}

static void
test_open(struct arena *a)
{
	struct bytes one = decode(a, shrouded), two = decode(a, plain);

	is_int(opens(a, one, "Secret1234"), FAULT_NONE);
	is_int(opens(a, two, "Secret1234"), FAULT_NONE);
	is_int(opens(a, one, "secret1234"), FAULT_PIN_INCORRECT);
	is_int(opens(a, two, ""), FAULT_PIN_INCORRECT);
	is_int(opens(a, one, "12345678901234567890123456789012"),
		FAULT_UNSUPPORTED_ALGORITHM);
	is_int(opens(a, one, "\xe6\xb5\xb7"), FAULT_UNSUPPORTED_ALGORITHM);
}

/* However it is cut or changed, it is refused in time. */
static void
test_damage(struct arena *a)
{
	struct bytes good = decode(a, plain);
	uint8_t *bad = arena_memdup(a, good.data, good.len);
	struct key *key;
	size_t opened = 0;

	for (size_t n = 0; n < good.len; n++)
		opened += pkcs12_key(&key, bytes_of(bad, n), "Secret1234",
				  NULL) == 0;
	is_int(opened, 0);
	for (size_t n = 20; n < good.len - 70; n++) {
		bad[n] ^= 0x40;
		opened += pkcs12_key(&key, bytes_of(bad, good.len),
				  "Secret1234", NULL) == 0;
		bad[n] ^= 0x40;
	}
	is_int(opened, 0);
	is_int(opens(a, bytes_of(bad, good.len), "Secret1234"), FAULT_NONE);
}

static void
test_vectors(struct arena *a)
{
	const char *file =
		vectors_path("x-road/lab-keys/signer-predefined/softtoken/"
			     "DF9242D3CBDE6DAC8058D2878340C3B527041FD0.p12");
	struct err e = ERR_INIT;
	struct bytes p12;
	struct key *key;

	if (!file) {
		tap_skip("the vectors are not there");
		return;
	}
	is_int(file_read(a, file, PKCS12_MAX, &p12, &e), 0);
	is_int(pkcs12_key(&key, p12, "Secret1234", &e), 0);
	is_int(key_bits(key), 2048);
	key_unref(&key);
	is_int(pkcs12_key(&key, p12, "Secret1235", &e), -1);
	is_int(e.fault, FAULT_PIN_INCORRECT);
}

int
main(void)
{
	struct arena *a = arena_new();

	test_open(a);
	test_damage(a);
	test_vectors(a);
	arena_free(&a);
	return tap_done();
}
