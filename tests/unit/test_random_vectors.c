/* SPDX-License-Identifier: BSD-2-Clause */
/* ChaCha20 and BLAKE2s against what their RFCs and others say. */
#include "unit.h"
#include <kernel/string.h>
#include "../../kernel/random/blake2s.h"
#include "../../kernel/random/chacha20.h"

static u8 nibble(char c)
{
	return (u8)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static bool is_hex(const u8 *bytes, size_t n, const char *hex)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] !=
		    (nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1])))
			return false;
	return strlen(hex) == 2 * n;
}

static void check_block(const u8 *key, u32 counter, const u8 *nonce,
			const char *expected)
{
	u8 block[CHACHA20_BLOCK_SIZE];

	chacha20_block(key, counter, nonce, block);
	CHECK(is_hex(block, sizeof(block), expected));
}

/* RFC 8439, A.1 (1 to 5) and 2.3.2. */
TEST(chacha20_gives_the_rfcs_key_streams)
{
	u8 key[CHACHA20_KEY_SIZE] = { 0 }, nonce[CHACHA20_NONCE_SIZE] = { 0 };

	check_block(key, 0, nonce,
		    "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b"
		    "770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387"
		    "b669b2ee6586");
	check_block(key, 1, nonce,
		    "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32"
		    "ee7aed29b721769ce64e43d57133b074d839d531ed1f28510afb45ace1"
		    "0a1f4b794d6f");
	key[31] = 1;
	check_block(key, 1, nonce,
		    "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c9"
		    "49aa5a8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64a"
		    "ddeb006c13a0");
	key[31] = 0;
	key[1] = 0xff;
	check_block(key, 2, nonce,
		    "72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae"
		    "9af0ca13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374"
		    "f4872e99f096");
	key[1] = 0;
	nonce[11] = 2;
	check_block(key, 0, nonce,
		    "c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54"
		    "ee27c78a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa19"
		    "8a39531bed6d");
	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = (u8)i;
	memset(nonce, 0, sizeof(nonce));
	nonce[3] = 9;
	nonce[7] = 0x4a;
	check_block(key, 1, nonce,
		    "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3"
		    "d46c4ed2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd0"
		    "83e8a2503c4e");
}

/* In parts of @part bytes: where they end makes no difference. */
static void check_hash(size_t size, size_t key_size, size_t part,
		       const char *expected)
{
	u8 data[1000], key[BLAKE2S_SIZE], result[BLAKE2S_SIZE];
	struct blake2s hash;

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (u8)(i % 251);
	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = (u8)i;
	blake2s_init(&hash, key, key_size);
	for (size_t at = 0; at < size; at += part)
		blake2s_update(&hash, data + at, MIN(part, size - at));
	blake2s_final(&hash, result);
	CHECK(is_hex(result, sizeof(result), expected));
}

/* What Python's hashlib says of the same. */
static const struct {
	size_t size, key_size;
	const char *hash;
} hashes[] = {
	{ 0, 0,
	  "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9" },
	{ 64, 0,
	  "56f34e8b96557e90c1f24b52d0c89d51086acf1b00f634cf1dde9233b8eaaa3e" },
	{ 65, 0,
	  "1b53ee94aaf34e4b159d48de352c7f0661d0a40edff95a0b1639b4090e974472" },
	{ 1000, 0,
	  "1c067a5e746fb0f6734efac9a8cdb0e11061f0077f255184365c690115392501" },
	{ 0, 32,
	  "48a8997da407876b3d79c0d92325ad3b89cbb754d86ab71aee047ad345fd2c49" },
};

TEST(blake2s_gives_what_others_get)
{
	for (unsigned i = 0; i < ARRAY_SIZE(hashes); i++)
		for (size_t part = 1; part < 200; part = part * 3 + 1)
			check_hash(hashes[i].size, hashes[i].key_size, part,
				   hashes[i].hash);
}

/* RFC 7693, appendix B. */
TEST(blake2s_of_abc_is_the_rfcs)
{
	struct blake2s hash;
	u8 result[BLAKE2S_SIZE];

	blake2s_init(&hash, NULL, 0);
	blake2s_update(&hash, "abc", 3);
	blake2s_final(&hash, result);
	CHECK(is_hex(result, sizeof(result),
		     "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c8"
		     "6675982"));
	CHECK_EQ(hash.h[0] | hash.used | hash.block[0], 0);
}
