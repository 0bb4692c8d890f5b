/* SPDX-License-Identifier: MIT */
/*
 * The part of PKCS#11 (OASIS, version 2.40) that a token needs to hold
 * signing keys: numbers, structures and the place of the functions in the
 * list that every module gives. Names are the standard's without CK.
 */
#pragma once
#ifndef IN_SIGNER
# error "pkcs11_int.h is private to signer/"
#endif

typedef unsigned long p11_num; /* CK_ULONG, CK_RV and every handle */

enum {
	P11_OK = 0x00,
	P11_PIN_INCORRECT = 0xa0,
	P11_PIN_INVALID = 0xa1,
	P11_PIN_LEN_RANGE = 0xa2,
	P11_PIN_EXPIRED = 0xa3,
	P11_PIN_LOCKED = 0xa4,
	P11_ALREADY_LOGGED_IN = 0x100,
	P11_NOT_LOGGED_IN = 0x101,
	P11_BUFFER_TOO_SMALL = 0x150,
};

enum {
	P11_TOKEN_INITIALIZED = 0x400, /* flags of a token */
	P11_PIN_INITIALIZED = 0x08,
	P11_OS_LOCKING = 0x02, /* flag of Initialize */
	P11_RW_SESSION = 0x02, /* flags of OpenSession */
	P11_SERIAL_SESSION = 0x04,
	P11_USER = 1,    /* of Login */
	P11_RW_USER = 3, /* states of a session */
	P11_RO_USER = 1,
	P11_PUBLIC_KEY = 2, /* classes */
	P11_PRIVATE_KEY = 3,
	P11_KEY_RSA = 0, /* types of keys */
	P11_KEY_EC = 3,
};

enum {
	P11_CLASS = 0x00, /* attributes */
	P11_ON_TOKEN = 0x01,
	P11_PRIVATE = 0x02,
	P11_LABEL = 0x03,
	P11_KEY_TYPE = 0x100,
	P11_ID = 0x102,
	P11_SENSITIVE = 0x103,
	P11_SIGN = 0x108,
	P11_VERIFY = 0x10a,
	P11_MODULUS = 0x120,
	P11_MODULUS_BITS = 0x121,
	P11_PUBLIC_EXPONENT = 0x122,
	P11_EXTRACTABLE = 0x162,
	P11_EC_PARAMS = 0x180,
	P11_EC_POINT = 0x181,
};

enum {
	P11_MAKE_RSA = 0x00, /* mechanisms */
	P11_RSA_PKCS = 0x01,
	P11_RSA_PSS = 0x0d,
	P11_MAKE_EC = 0x1040,
	P11_ECDSA = 0x1041,
	P11_MECH_SHA1 = 0x220,
	P11_MECH_SHA256 = 0x250,
	P11_MECH_SHA224 = 0x255,
	P11_MECH_SHA384 = 0x260,
	P11_MECH_SHA512 = 0x270,
	P11_MGF_SHA1 = 1,
	P11_MGF_SHA256 = 2,
	P11_MGF_SHA384 = 3,
	P11_MGF_SHA512 = 4,
	P11_MGF_SHA224 = 5,
};

struct p11_version {
	unsigned char major, minor;
};
struct p11_attribute {
	p11_num type;
	void *value;
	p11_num len;
};
struct p11_mechanism {
	p11_num mechanism;
	void *parameter;
	p11_num len;
};
struct p11_pss {
	p11_num digest, mgf, salt;
};
struct p11_init {
	void *mutex_calls[4];
	p11_num flags;
	void *reserved;
};
struct p11_token {
	unsigned char label[32], manufacturer[32], model[16], serial[16];
	p11_num flags, counts[10];
	struct p11_version hardware, firmware;
	unsigned char time[16];
};
struct p11_session {
	p11_num slot, state, flags, error;
};

/* The functions in their order; those of no use here are `_`. */
struct p11_functions {
	struct p11_version version;
	p11_num (*initialize)(struct p11_init *);
	p11_num (*finalize)(void *);
	void *_info, *_functions;
	p11_num (*slots)(unsigned char with_token, p11_num *, p11_num *n);
	void *_slot_info;
	p11_num (*token)(p11_num slot, struct p11_token *);
	void *_mechanisms[2], *_init_token, *_init_pin;
	p11_num (*set_pin)(p11_num session, const char *old, p11_num old_len,
		const char *pin, p11_num len);
	p11_num (*open)(
		p11_num slot, p11_num flags, void *, void *, p11_num *session);
	p11_num (*close)(p11_num session);
	void *_close_all;
	p11_num (*session)(p11_num session, struct p11_session *);
	void *_state[2];
	p11_num (*login)(
		p11_num session, p11_num user, const char *pin, p11_num len);
	p11_num (*logout)(p11_num session);
	void *_create, *_copy;
	p11_num (*destroy)(p11_num session, p11_num object);
	void *_size;
	p11_num (*get)(p11_num session, p11_num object, struct p11_attribute *,
		p11_num n);
	void *_set;
	p11_num (*find_begin)(
		p11_num session, struct p11_attribute *, p11_num n);
	p11_num (*find)(p11_num session, p11_num *, p11_num max, p11_num *n);
	p11_num (*find_end)(p11_num session);
	void *_encrypt[4], *_decrypt[4], *_digest[5];
	p11_num (*sign_begin)(
		p11_num session, struct p11_mechanism *, p11_num key);
	p11_num (*sign)(p11_num session, const unsigned char *data, p11_num len,
		unsigned char *out, p11_num *out_len);
	void *_sign[4], *_verify[6], *_dual[4], *_make_secret;
	p11_num (*make_pair)(p11_num session, struct p11_mechanism *,
		struct p11_attribute *public, p11_num publics,
		struct p11_attribute *private, p11_num privates,
		p11_num *public_key, p11_num *private_key);
};
typedef p11_num p11_list(struct p11_functions **);
