/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests as the device sees them: virtio 1.3, 5.2.6. */
#include "virtio_blk.h"
#include <kernel/byteorder.h>
#include <kernel/errno.h>

/* No status that there is: what the device has not written. */
#define STATUS_NOT_WRITTEN 0xff

static u32 type_of(const struct block_command *command)
{
	switch (command->operation) {
	case BLOCK_READ: return VIRTIO_BLK_T_IN;
	case BLOCK_WRITE: return VIRTIO_BLK_T_OUT;
	case BLOCK_DISCARD: return VIRTIO_BLK_T_DISCARD;
	case BLOCK_WRITE_ZEROES: return VIRTIO_BLK_T_WRITE_ZEROES;
	case BLOCK_SECURE_ERASE: return VIRTIO_BLK_T_SECURE_ERASE;
	case BLOCK_IDENTIFY: return VIRTIO_BLK_T_GET_ID;
	default: return VIRTIO_BLK_T_FLUSH;
	}
}

static bool has_range(const struct block_command *command)
{
	return command->operation == BLOCK_DISCARD ||
	       command->operation == BLOCK_WRITE_ZEROES ||
	       command->operation == BLOCK_SECURE_ERASE;
}

static struct virtio_segment *add(struct virtio_segment *at, void *data,
				  u32 length)
{
	*at = (struct virtio_segment){ data, length };
	return at + 1;
}

static struct virtio_segment *add_data(struct virtio_segment *at,
				       const struct block_command *command)
{
	const struct block_segment *s;
	const struct block_request *r;

	block_for_each_segment(s, r, command) at = add(at, s->data, s->length);
	return at;
}

static void set_range(struct virtio_blk_command *own,
		      const struct block_command *command)
{
	bool unmap = command->operation == BLOCK_WRITE_ZEROES &&
		     !(command->flags & BLOCK_NO_UNMAP);

	own->range.sector = cpu_to_le64(command->start);
	own->range.num_sectors = cpu_to_le32(command->sectors);
	own->range.flags =
		cpu_to_le32(unmap ? VIRTIO_BLK_WRITE_ZEROES_UNMAP : 0);
}

int virtio_blk_post(struct virtio_blk_queue *queue,
		    struct block_command *command)
{
	struct virtio_blk_command *own = block_command_data(command);
	struct virtio_segment *first = queue->segments, *at, *in;
	bool data = command->operation <= BLOCK_WRITE;

	own->head.type = cpu_to_le32(type_of(command));
	own->head.reserved = cpu_to_le32(0);
	own->head.sector = cpu_to_le64(data ? command->start : 0);
	own->status = STATUS_NOT_WRITTEN;
	at = add(first, &own->head, sizeof(own->head));
	if (command->operation == BLOCK_WRITE) {
		at = add_data(at, command);
	} else if (has_range(command)) {
		set_range(own, command);
		at = add(at, &own->range, sizeof(own->range));
	}
	in = at;
	if (command->operation == BLOCK_READ ||
	    command->operation == BLOCK_IDENTIFY)
		at = add_data(at, command);
	at = add(at, &own->status, sizeof(own->status));
	return virtqueue_add(queue->vq, first, (unsigned)(in - first),
			     (unsigned)(at - in), command);
}

/*
 * The length counts what was written: all data that was read, at least. The
 * status byte comes after it, and is there when it was written, whatever the
 * length says: cloud-hypervisor does not count it. What lengths of legacy
 * devices are nobody knows (2.7.8.1).
 */
int virtio_blk_result(struct virtio_blk_queue *queue,
		      struct block_command *command, u32 length)
{
	const struct virtio_blk_command *own = block_command_data(command);

	switch (READ_ONCE(own->status)) {
	case VIRTIO_BLK_S_OK: break;
	case VIRTIO_BLK_S_IOERR: return -EIO;
	case VIRTIO_BLK_S_UNSUPP: return -EOPNOTSUPP;
	case STATUS_NOT_WRITTEN:
		virtqueue_break(queue->vq, "a request without a status");
		return -EIO;
	default:
		virtqueue_break(queue->vq, "a status that there is not");
		return -EIO;
	}
	if (command->operation != BLOCK_READ ||
	    virtqueue_device(queue->vq)->legacy ||
	    length >= command->sectors << BLOCK_SECTOR_SHIFT)
		return 0;
	virtqueue_break(queue->vq, "less data than was to be read");
	return -EIO;
}
