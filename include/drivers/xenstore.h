/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Xenstore: a tree of texts that a domain and its host share. Paths that do
 * not begin with "/" are below the domain's own home, /local/domain/N.
 *
 * All calls sleep, and wait at most XENSTORE_TIMEOUT_MS for the host; in
 * threads, from level SERVICE on. They answer -ENODEV where there is no
 * xenstore, -ETIMEDOUT where it does not answer, -EIO where what it says makes
 * no sense, and else what it says: -ENOENT, -EACCES, -EINVAL, ...
 */
#pragma once

#include <kernel/compiler.h>

#define XENSTORE_TIMEOUT_MS 5000
/* Of a path that a watch tells of; longer ones are cut. */
#define XENSTORE_PATH_MAX 128

/** True if there is a xenstore to talk to. Any context. */
bool xenstore_available(void);

/**
 * Read the value at @path into @value, ended by a NUL: its length without
 * that, which may be in it too, or -errno; -E2BIG: it is longer than @size
 * takes.
 */
long xenstore_read(const char *path, char *value, size_t size);

/** Set the value at @path, which is made if need be. 0 or -errno. */
int xenstore_write(const char *path, const char *value);

/** Remove @path and all below it. 0 or -errno. */
int xenstore_remove(const char *path);

/**
 * Call @fn for each name directly below @path, in no order. It must not use
 * xenstore. How many there are, or -errno.
 */
long xenstore_list(const char *path,
		   void (*fn)(const char *name, void *context), void *context);

/* The caller's memory, zeroed but for what it fills in. */
struct xenstore_watch {
	const char *path; /* stays */
	/*
	 * @changed, or something below the watched path, changed since it was
	 * called last; once also when the watch begins. In a thread; may use
	 * xenstore, but not remove a watch.
	 */
	void (*fn)(struct xenstore_watch *watch, const char *changed);
	/* The core's. */
	struct xenstore_watch *next;
	unsigned number;
	bool pending;
	char changed[XENSTORE_PATH_MAX];
};

/** Begin to watch: 0 or -errno. */
int xenstore_watch_add(struct xenstore_watch *watch);

/** On return fn is not called any more. For one that was added. */
void xenstore_watch_remove(struct xenstore_watch *watch);
