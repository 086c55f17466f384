/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What xenstore speaks, and the page it is spoken through: Xen,
 * xen/include/public/io/xs_wire.h.
 */
#pragma once

#include <kernel/types.h>

enum xsd_sockmsg_type {
	XS_CONTROL,
	XS_DIRECTORY,
	XS_READ,
	XS_GET_PERMS,
	XS_WATCH,
	XS_UNWATCH,
	XS_TRANSACTION_START,
	XS_TRANSACTION_END,
	XS_INTRODUCE,
	XS_RELEASE,
	XS_GET_DOMAIN_PATH,
	XS_WRITE,
	XS_MKDIR,
	XS_RM,
	XS_SET_PERMS,
	XS_WATCH_EVENT,
	XS_ERROR,
};

struct xsd_sockmsg {
	u32 type;
	u32 req_id; /* of the request, in its answer */
	u32 tx_id;  /* of a transaction; 0: none */
	u32 len;    /* of what follows */
};
_Static_assert(sizeof(struct xsd_sockmsg) == 16, "io/xs_wire.h");

#define XENSTORE_RING_SIZE   1024
#define XENSTORE_PAYLOAD_MAX 4096

/* Indices run freely; their difference is how much there is. */
struct xenstore_domain_interface {
	u8 req[XENSTORE_RING_SIZE];
	u8 rsp[XENSTORE_RING_SIZE];
	u32 req_cons, req_prod; /* the host's, the domain's */
	u32 rsp_cons, rsp_prod; /* the domain's, the host's */
	u32 server_features;
	u32 connection; /* 0: connected */
};
_Static_assert(sizeof(struct xenstore_domain_interface) == 2072,
	       "io/xs_wire.h");
_Static_assert(offsetof(struct xenstore_domain_interface, req_cons) == 2048,
	       "io/xs_wire.h");
