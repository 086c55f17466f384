/* SPDX-License-Identifier: BSD-2-Clause */
/* The PL011 driver, against one made of memory. */
#include "unit.h"
#include <sanitizer/asan_interface.h>
#include <kernel/string.h>
#include "../../drivers/console/pl011.h"
#include <kernel/acpi.h>
#include <kernel/boot_info.h>
#include <kernel/earlycon.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/io.h>
#include <kernel/irq_fdt.h>
#include <kernel/printk.h>
#include <kernel/time.h>

struct boot_info boot_info;
static u32 registers[PL011_SIZE / 4];
static struct pl011 uart;
static u64 now;

const struct fdt *fdt_machine(void)
{
	return NULL;
}

int acpi_init(phys_addr_t rsdp)
{
	(void)rsdp;
	return -ENOENT;
}

const struct acpi_sdt_header *acpi_find(const char *signature, unsigned index)
{
	(void)signature;
	(void)index;
	return NULL;
}

void __iomem *ioremap(phys_addr_t phys, u64 size)
{
	(void)phys;
	(void)size;
	return registers;
}

int console_register(struct console *con)
{
	(void)con;
	return 0;
}

void console_input_ready(void)
{
}

int irq_from_fdt(int node, unsigned index, enum irq_trigger *trigger)
{
	(void)node;
	(void)index;
	(void)trigger;
	return -ENOENT;
}

int irq_request(unsigned irq, struct irq_action *action,
		enum irq_trigger trigger)
{
	(void)irq;
	(void)action;
	(void)trigger;
	return -ENODEV;
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	(void)fmt;
}

u64 time_ns(void)
{
	return now += NSEC_PER_MSEC;
}

static void make(u32 flags)
{
	memset(registers, 0, sizeof(registers));
	memset(&uart, 0, sizeof(uart));
	uart.base = (char *)registers;
	registers[PL011_FR / 4] = flags;
	pl011_init(&uart);
}

TEST(a_port_without_firmware_is_enabled_with_fifos)
{
	make(PL011_FR_RXFE);
	CHECK_EQ(registers[PL011_LCR_H / 4],
		 PL011_LCR_H_8BIT | PL011_LCR_H_FEN);
	CHECK_EQ(registers[PL011_CR / 4],
		 PL011_CR_UARTEN | PL011_CR_TXE | PL011_CR_RXE);
	CHECK_EQ(registers[PL011_IMSC / 4], 0);
}

/* Xen's faults at registers that the SBSA does not name. */
TEST(of_a_generic_uart_only_its_own_registers_are_used)
{
	memset(registers, 0, sizeof(registers));
	memset(&uart, 0, sizeof(uart));
	uart.base = (char *)registers;
	uart.minimal = true;
	registers[PL011_FR / 4] = PL011_FR_RXFE;
	__asan_poison_memory_region(&registers[PL011_CR / 4],
				    2 * sizeof(registers[0]));
	pl011_init(&uart);
	uart.console.write(&uart.console, "a", 1);
	__asan_unpoison_memory_region(registers, sizeof(registers));
	CHECK_EQ(registers[PL011_DR / 4], 'a');
}

TEST(a_full_port_is_given_up_after_its_time_and_said_so)
{
	u64 before;

	make(PL011_FR_RXFE | PL011_FR_TXFF);
	before = now;
	uart.console.write(&uart.console, "abc", 3);
	CHECK(now - before >= PL011_TX_TIMEOUT_MS * NSEC_PER_MSEC);
	CHECK(uart.console.flags & CONSOLE_STALLED);
	/* It gets no more time, but is used when it has room. */
	before = now;
	uart.console.write(&uart.console, "abc", 3);
	CHECK_EQ(now, before);
	registers[PL011_FR / 4] = PL011_FR_RXFE;
	uart.console.write(&uart.console, "z", 1);
	CHECK_EQ(registers[PL011_DR / 4], 'z');
}

TEST(damaged_bytes_are_dropped_and_a_port_that_never_empties_is_left)
{
	make(0); /* there is always something to read */
	registers[PL011_DR / 4] = 'x' | 0x400;
	CHECK_EQ(uart.console.getc(&uart.console), -1);
	registers[PL011_DR / 4] = 'y';
	CHECK_EQ(uart.console.getc(&uart.console), 'y');
	CHECK_EQ(uart.rx_count, PL011_RX_BYTES - 1);
}

TEST(a_full_buffer_stops_interrupts_until_it_is_read)
{
	make(0);
	registers[PL011_DR / 4] = 'y';
	registers[PL011_RIS / 4] = PL011_INT_RX;
	registers[PL011_IMSC / 4] = PL011_INT_RX | PL011_INT_RT;
	CHECK_EQ(pl011_interrupt(&uart), IRQ_HANDLED);
	CHECK_EQ(registers[PL011_IMSC / 4], 0);
	registers[PL011_FR / 4] = PL011_FR_RXFE;
	for (unsigned i = 0; i < PL011_RX_BYTES; i++)
		CHECK_EQ(uart.console.getc(&uart.console), 'y');
	CHECK_EQ(registers[PL011_IMSC / 4], PL011_INT_RX | PL011_INT_RT);
	registers[PL011_RIS / 4] = 0;
	CHECK_EQ(pl011_interrupt(&uart), IRQ_NONE);
}

TEST(earlycon_gives_an_address)
{
	phys_addr_t address = 0;

	CHECK_EQ(pl011_parse_earlycon("pl011,0x9000000", &address), 0);
	CHECK_EQ(address, 0x9000000);
	CHECK_EQ(pl011_parse_earlycon("pl011,mmio32,0x1000,115200", &address),
		 0);
	CHECK_EQ(address, 0x1000);
	CHECK_EQ(pl011_parse_earlycon("pl011", &address), -EINVAL);
	CHECK_EQ(pl011_parse_earlycon("pl011,", &address), -EINVAL);
	CHECK_EQ(pl011_parse_earlycon("pl011,0", &address), -EINVAL);
	CHECK_EQ(pl011_parse_earlycon("pl011,0x1001", &address), -EINVAL);
	CHECK_EQ(pl011_parse_earlycon("pl011,0xfffffffffffffffc", &address),
		 -EINVAL);
	CHECK_EQ(pl011_parse_earlycon("pl0111,0x1000", &address), -EINVAL);
}
