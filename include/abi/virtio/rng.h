/* SPDX-License-Identifier: BSD-2-Clause */
/* Entropy device: virtio 1.3, 5.4. It has no features and no configuration. */
#pragma once

#define VIRTIO_RNG_REQUESTQ 0 /* 5.4.2 */
