/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"
#include "json_check.h"
#include <kernel/json.h>
#include <kernel/string.h>

static char output[4096];
static size_t used;
static struct json j;

static void collect(void *arg, const char *s, size_t n)
{
	(void)arg;
	if (!CHECK(used + n < sizeof(output)))
		return;
	memcpy(output + used, s, n);
	used += n;
	output[used] = '\0';
}

static void begin(void)
{
	used = 0;
	output[0] = '\0';
	json_begin(&j, collect, NULL);
}

TEST(checker_takes_good_documents_and_refuses_bad_ones)
{
	CHECK(json_is_document(
		"{\"a\":[1,true,null,\"x\\u0041\"],\"b\":{}}\n"));
	CHECK(!json_is_document("{\"a\":1,}\n"));
	CHECK(!json_is_document("{\"a\":1\n"));
	CHECK(!json_is_document("[1 2]\n"));
	CHECK(!json_is_document("[1]]\n"));
	CHECK(!json_is_document("\"\\x\"\n"));
	CHECK(!json_is_document("\"\001\"\n"));
	CHECK(!json_is_document("[1]"));
	CHECK(!json_is_document("[01]\n"));
	CHECK(!json_is_document("{1:1}\n"));
}

TEST(writes_every_kind_of_value)
{
	begin();
	json_object_begin(&j, NULL);
	json_string(&j, "name", "KVM");
	json_u64(&j, "zero", 0);
	json_u64(&j, "max", UINT64_MAX);
	json_bool(&j, "yes", true);
	json_bool(&j, "no", false);
	json_null(&j, "none");
	json_array_begin(&j, "list");
	json_u64(&j, NULL, 1);
	json_object_begin(&j, NULL);
	json_object_end(&j);
	json_array_begin(&j, NULL);
	json_array_end(&j);
	json_array_end(&j);
	json_object_end(&j);
	CHECK(json_end(&j));
	CHECK_STR(output,
		  "{\"name\":\"KVM\",\"zero\":0,\"max\":18446744073709551615,"
		  "\"yes\":true,\"no\":false,\"none\":null,"
		  "\"list\":[1,{},[]]}\n");
	CHECK(json_is_document(output));
}

TEST(escapes_what_is_not_plain_ascii)
{
	begin();
	json_string(&j, NULL, "a\"b\\c\n\t\x7f\x80\xff/");
	CHECK(json_end(&j));
	CHECK_STR(output, "\"a\\u0022b\\u005cc\\u000a\\u0009\\u007f\\u0080"
			  "\\u00ff/\"\n");
	CHECK(json_is_document(output));
}

TEST(escapes_keys)
{
	begin();
	json_object_begin(&j, NULL);
	json_bool(&j, "\"", true);
	json_object_end(&j);
	CHECK(json_end(&j));
	CHECK_STR(output, "{\"\\u0022\":true}\n");
}

TEST(every_byte_makes_a_document)
{
	for (int c = 1; c < 256; c++) {
		char text[2] = { (char)c, '\0' };

		begin();
		json_string(&j, NULL, text);
		CHECK(json_end(&j));
		CHECK(json_is_document(output));
	}
}

TEST(an_open_object_is_reported)
{
	begin();
	json_object_begin(&j, NULL);
	CHECK(!json_end(&j));
}

TEST(closing_too_often_is_reported)
{
	begin();
	json_object_begin(&j, NULL);
	json_object_end(&j);
	json_object_end(&j);
	CHECK(!json_end(&j));
}

TEST(closing_with_the_wrong_bracket_is_reported)
{
	begin();
	json_object_begin(&j, NULL);
	json_array_end(&j);
	CHECK(!json_end(&j));
}

TEST(two_values_are_no_document)
{
	begin();
	json_u64(&j, NULL, 1);
	json_u64(&j, NULL, 2);
	CHECK(!json_end(&j));
}

TEST(no_value_is_no_document)
{
	begin();
	CHECK(!json_end(&j));
}

static void nest(unsigned depth)
{
	begin();
	for (unsigned i = 0; i < depth; i++)
		json_array_begin(&j, NULL);
	for (unsigned i = 0; i < depth; i++)
		json_array_end(&j);
}

TEST(nesting_is_bounded)
{
	nest(JSON_MAX_DEPTH);
	CHECK(json_end(&j));
	CHECK(json_is_document(output));
	nest(JSON_MAX_DEPTH + 1);
	CHECK(!json_end(&j));
	nest(10 * JSON_MAX_DEPTH);
	CHECK(!json_end(&j));
}
