/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arm Generic Interrupt Controller: version 2 (IHI 0048B) and 3 (IHI 0069H).
 */
#pragma once

/* Interrupt numbers, IHI 0069, 2.2. */
#define GIC_SPI_FIRST	  32
#define GIC_SPECIAL_FIRST 1020
#define GIC_SPURIOUS	  1023

/* Distributor: IHI 0069, 12.8. */
#define GICD_CTLR	0x0000
#define GICD_TYPER	0x0004
#define GICD_IGROUPR	0x0080
#define GICD_ISENABLER	0x0100
#define GICD_ICENABLER	0x0180
#define GICD_ISPENDR	0x0200
#define GICD_ICPENDR	0x0280
#define GICD_ICACTIVER	0x0380
#define GICD_IPRIORITYR 0x0400
#define GICD_ITARGETSR	0x0800
#define GICD_ICFGR	0x0c00
#define GICD_SGIR	0x0f00 /* version 2 */
#define GICD_IROUTER	0x6000 /* version 3, 64 bits for each line */
#define GICD_SIZE_V2	0x1000
#define GICD_SIZE_V3	0x10000

#define GICD_CTLR_ENABLE	0x1 /* version 2 */
#define GICD_CTLR_GROUP0	0x1
#define GICD_CTLR_GROUP1	0x2
#define GICD_CTLR_AFFINITY	0x10
#define GICD_CTLR_WRITE_PENDING 0x80000000U

#define GICD_TYPER_LINES 0x1f /* (N + 1) * 32 */

#define GICD_ICFGR_EDGE	  0x2
#define GICD_SGIR_TARGETS 16 /* shift of the CPUs' bits */

/* CPU interface of version 2: IHI 0048B, 4.4. */
#define GICC_CTLR 0x00
#define GICC_PMR  0x04
#define GICC_BPR  0x08
#define GICC_IAR  0x0c
#define GICC_EOIR 0x10
#define GICC_SIZE 0x1000

#define GICC_CTLR_ENABLE 0x1
#define GICC_IAR_ID	 0x3ff

/* Redistributor of version 3: IHI 0069, 12.10. */
#define GICR_CTLR	 0x0000
#define GICR_TYPER	 0x0008 /* 64 bits */
#define GICR_WAKER	 0x0014
#define GICR_SGI_BASE	 0x10000 /* the frame of the CPU's own interrupts */
#define GICR_IGROUPR0	 (GICR_SGI_BASE + 0x080)
#define GICR_ISENABLER0	 (GICR_SGI_BASE + 0x100)
#define GICR_ICENABLER0	 (GICR_SGI_BASE + 0x180)
#define GICR_ICPENDR0	 (GICR_SGI_BASE + 0x280)
#define GICR_ICACTIVER0	 (GICR_SGI_BASE + 0x380)
#define GICR_IPRIORITYR0 (GICR_SGI_BASE + 0x400)
#define GICR_SIZE	 0x20000
#define GICR_SIZE_VLPI	 0x40000 /* with virtual LPIs */

#define GICR_CTLR_WRITE_PENDING 0x8
#define GICR_TYPER_VLPI		0x2
#define GICR_TYPER_LAST		0x10
#define GICR_WAKER_SLEEP	0x2
#define GICR_WAKER_ASLEEP	0x4

/* Priorities: half of the range is the least any GIC has. */
#define GIC_PRIORITY	  0xa0
#define GIC_PRIORITY_MASK 0xf0 /* takes everything below */

/* "interrupts" of a GIC: Linux, arm,gic.yaml. */
#define GIC_FDT_CELLS	3
#define GIC_FDT_SPI	0
#define GIC_FDT_PPI	1
#define GIC_FDT_TRIGGER 0xf
#define GIC_FDT_RISING	0x1
#define GIC_FDT_FALLING 0x2
#define GIC_FDT_HIGH	0x4
#define GIC_FDT_LOW	0x8
