/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files that report on detection. */
#pragma once

#include <kernel/virt/driver.h>

/* Yes, no, or not a question. */
enum virt_answer {
	VIRT_ANSWER_NO,
	VIRT_ANSWER_YES,
	VIRT_ANSWER_NONE, /* what it depends on is already "no" */
};

/**
 * The state @fact (one bit of enum virt_feature_state) of @feature: what is
 * not offered cannot be enabled, what is not enabled cannot be verified.
 */
enum virt_answer virt_feature_answer(const struct virt_feature *feature,
				     enum virt_feature_state fact);

/** Write the document of docs/virt-json.md to the consoles. */
int virt_report_json(void);
