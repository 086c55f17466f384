/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parameters of an HGCM call, as the host reads and writes them: the
 * request with its page lists, then, from a page's start on and outside of the
 * request, which the host writes back as a whole, the buffers.
 */
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include "hgcm.h"

#define PAGE	   4096U
#define DATA_ALIGN 16U

_Static_assert(HGCM_PARMS_MAX == VMMDEV_MAX_HGCM_PARMS, "parameters");
_Static_assert(sizeof(struct vmmdev_hgcm_call) +
			       HGCM_PARMS_MAX *
				       (sizeof(struct vmmdev_hgcm_parm) +
					sizeof(struct vmmdev_hgcm_pagelist) +
					2 * sizeof(le64)) +
			       HGCM_DATA_MAX / PAGE * sizeof(le64) <=
		       VMMDEV_MAX_VMMDEVREQ_SIZE,
	       "all that is planned fits in a request");

static bool is_buffer(const struct hgcm_parm *parm)
{
	return parm->kind >= HGCM_IN;
}

/* Pages that @size bytes at @offset, which counts from a page's start, touch */
static u32 pages_of(u32 offset, u32 size)
{
	return (offset % PAGE + size + PAGE - 1) / PAGE;
}

static u32 list_size(u32 pages)
{
	return (u32)(sizeof(struct vmmdev_hgcm_pagelist) +
		     pages * sizeof(le64));
}

int hgcm_plan(const struct hgcm_parm *parms, unsigned count,
	      struct hgcm_layout *layout)
{
	u32 at = 0, lists = 0;

	if (count > HGCM_PARMS_MAX)
		return -EINVAL;
	for (unsigned i = 0; i < count; i++) {
		if (parms[i].kind > HGCM_BOTH)
			return -EINVAL;
		if (!is_buffer(&parms[i]))
			continue;
		if (parms[i].size > HGCM_DATA_MAX - MIN(at, HGCM_DATA_MAX))
			return -E2BIG;
		lists += list_size(pages_of(at, parms[i].size));
		at += ALIGN_UP(parms[i].size, DATA_ALIGN);
	}
	layout->request_size = (u32)(sizeof(struct vmmdev_hgcm_call) +
				     count * sizeof(struct vmmdev_hgcm_parm)) +
			       lists;
	layout->data_offset = (u32)ALIGN_UP(layout->request_size, PAGE);
	layout->total = layout->data_offset + at;
	return 0;
}

static u32 direction(enum hgcm_kind kind)
{
	switch (kind) {
	case HGCM_IN: return VMMDEV_HGCM_TO_HOST;
	case HGCM_OUT: return VMMDEV_HGCM_FROM_HOST;
	default: return VMMDEV_HGCM_TO_HOST | VMMDEV_HGCM_FROM_HOST;
	}
}

/* The list of a buffer at @data, and its size. */
static u32 write_list(struct vmmdev_hgcm_pagelist *list, enum hgcm_kind kind,
		      phys_addr_t data, u32 size)
{
	u32 offset = (u32)(data % PAGE), pages = pages_of(offset, size);

	*list = (struct vmmdev_hgcm_pagelist){
		.flags = cpu_to_le32(direction(kind)),
		.offset_first_page = cpu_to_le16((u16)offset),
		.page_count = cpu_to_le16((u16)pages),
	};
	for (u32 i = 0; i < pages; i++)
		list->pages[i] = cpu_to_le64(data - offset + (u64)i * PAGE);
	return list_size(pages);
}

/* What the parameter says where it is not a number of the caller's. */
static struct vmmdev_hgcm_parm describe(const struct hgcm_parm *parm, u32 list)
{
	struct vmmdev_hgcm_parm p = { 0 };

	switch (parm->kind) {
	case HGCM_U32:
		p.type = cpu_to_le32(VMMDEV_HGCM_PARM_32BIT);
		p.value32 = cpu_to_le32(parm->value32);
		break;
	case HGCM_U64:
		p.type = cpu_to_le32(VMMDEV_HGCM_PARM_64BIT);
		p.value64 = cpu_to_le64(parm->value64);
		break;
	default:
		p.type = cpu_to_le32(VMMDEV_HGCM_PARM_PAGELIST);
		p.page_list.size = cpu_to_le32(parm->size);
		p.page_list.offset = cpu_to_le32(list);
	}
	return p;
}

void hgcm_pack(const struct hgcm_layout *layout, const struct hgcm_parm *parms,
	       unsigned count, u8 *memory, phys_addr_t phys)
{
	struct vmmdev_hgcm_parm *out =
		(void *)(memory + sizeof(struct vmmdev_hgcm_call));
	u32 list = (u32)((u8 *)(out + count) - memory);
	u32 at = layout->data_offset;

	for (unsigned i = 0; i < count; i++) {
		const struct hgcm_parm *parm = &parms[i];

		out[i] = describe(parm, list);
		if (!is_buffer(parm))
			continue;
		list += write_list((void *)(memory + list), parm->kind,
				   phys + at, parm->size);
		if (parm->size && parm->kind == HGCM_OUT)
			memset(memory + at, 0, parm->size);
		else if (parm->size)
			memcpy(memory + at, parm->buffer, parm->size);
		at += ALIGN_UP(parm->size, DATA_ALIGN);
	}
}

static u32 type_of(enum hgcm_kind kind)
{
	switch (kind) {
	case HGCM_U32: return VMMDEV_HGCM_PARM_32BIT;
	case HGCM_U64: return VMMDEV_HGCM_PARM_64BIT;
	default: return VMMDEV_HGCM_PARM_PAGELIST;
	}
}

static void take(struct hgcm_parm *parm, const struct vmmdev_hgcm_parm *p,
		 const u8 *data)
{
	if (parm->kind == HGCM_U32)
		parm->value32 = le32_to_cpu(p->value32);
	else if (parm->kind == HGCM_U64)
		parm->value64 = le64_to_cpu(p->value64);
	else if (parm->kind != HGCM_IN && parm->size)
		memcpy(parm->buffer, data, parm->size);
}

/*
 * Sizes and places are those of the plan, whatever the host made of them: its
 * list is not looked at again.
 */
int hgcm_unpack(const struct hgcm_layout *layout, struct hgcm_parm *parms,
		unsigned count, const u8 *memory)
{
	const struct vmmdev_hgcm_parm *in =
		(const void *)(memory + sizeof(struct vmmdev_hgcm_call));
	u32 at = layout->data_offset;

	for (unsigned i = 0; i < count; i++)
		if (le32_to_cpu(in[i].type) != type_of(parms[i].kind))
			return -EBADMSG;
	for (unsigned i = 0; i < count; i++) {
		take(&parms[i], &in[i], memory + at);
		if (is_buffer(&parms[i]))
			at += ALIGN_UP(parms[i].size, DATA_ALIGN);
	}
	return 0;
}
