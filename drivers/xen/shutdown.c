/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the toolstack wants of this domain: it writes a word to control/shutdown
 * and takes the word's disappearance for an answer (Xen,
 * docs/misc/xenstore-paths.pandoc). What cannot be done is not acknowledged.
 */
#define pr_fmt(fmt) "xen-shutdown: " fmt

#include <drivers/xenstore.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/power.h>
#include <kernel/printk.h>
#include <kernel/string.h>

#define REQUEST_PATH "control/shutdown"

static const struct {
	const char *word;
	enum power_request what;
} requests[] = {
	{ "poweroff", POWER_REQUEST_POWEROFF },
	{ "halt", POWER_REQUEST_POWEROFF },
	{ "reboot", POWER_REQUEST_REBOOT },
};

static void obey(struct xenstore_watch *watch __unused,
		 const char *changed __unused)
{
	char word[32];
	long length = xenstore_read(REQUEST_PATH, word, sizeof(word));

	if (length <= 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		if (strcmp(word, requests[i].word))
			continue;
		if (xenstore_write(REQUEST_PATH, ""))
			pr_warn("%s cannot be acknowledged", word);
		power_request(requests[i].what, "xenstore");
		return;
	}
	pr_warn("asked for '%s', which this kernel cannot do: not acknowledged",
		word);
}

static struct xenstore_watch watch = { .path = REQUEST_PATH, .fn = obey };

/* What the toolstack may ask for. */
static int start(void)
{
	int err;

	if (!xenstore_available())
		return 0;
	err = xenstore_watch_add(&watch);
	if (err) {
		pr_warn("%s cannot be watched: error %d", REQUEST_PATH, -err);
		return 0;
	}
	/* Toolstacks differ in whether they want to be told. */
	xenstore_write("control/feature-poweroff", "1");
	xenstore_write("control/feature-reboot", "1");
	return 0;
}
initcall(INIT_SERVICE, start);
