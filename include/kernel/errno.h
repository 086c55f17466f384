/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Error numbers. Functions that can fail return 0 or a positive result on
 * success and the negated number on failure. The values are Linux's, since
 * those are the ones people recognise in a log.
 */
#pragma once

enum {
	EPERM = 1,
	ENOENT = 2,
	EIO = 5,
	E2BIG = 7,
	EAGAIN = 11,
	ENOMEM = 12,
	EACCES = 13,
	EFAULT = 14,
	EBUSY = 16,
	EEXIST = 17,
	ENODEV = 19,
	EINVAL = 22,
	ENOSPC = 28,
	EROFS = 30,
	EPIPE = 32,
	ERANGE = 34,
	ENOSYS = 38,
	ENODATA = 61,
	EBADMSG = 74,
	EOVERFLOW = 75,
	EDESTADDRREQ = 89,
	EMSGSIZE = 90,
	EOPNOTSUPP = 95,
	EADDRINUSE = 98,
	EADDRNOTAVAIL = 99,
	ENETDOWN = 100,
	ENETUNREACH = 101,
	ENOBUFS = 105,
	ENOTCONN = 107,
	ETIMEDOUT = 110,
	ECONNREFUSED = 111,
	EHOSTUNREACH = 113,
	ECANCELED = 125,
};
