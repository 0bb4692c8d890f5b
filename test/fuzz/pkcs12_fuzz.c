/* SPDX-License-Identifier: MIT */
/* Fuzz target: PKCS#12 files of a software token. */
#include <stddef.h>
#include <stdint.h>

#include "key.h"
#include "pkcs12.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const char *const fuzz_vectors[];
const char *const fuzz_vectors[] = {
	"x-road/lab-keys/signer-predefined/softtoken", NULL
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct key *key;

	if (pkcs12_key(&key, bytes_of(data, size), "Secret1234", NULL) == 0)
		key_unref(&key);
	return 0;
}
