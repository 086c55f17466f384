/* SPDX-License-Identifier: BSD-2-Clause */
/* Serial ports that are there, that are not, and that stop working. */
#include "unit.h"
#include <abi/acpi.h>
#include <kernel/acpi.h>
#include <kernel/byteorder.h>
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/io.h>
#include <kernel/mm/bootmem.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "../../drivers/console/uart16550.h"

static u64 now_ns;

u64 time_ns(void)
{
	return now_ns += NSEC_PER_USEC;
}

/* A UART as its registers see it, with the defects that there are. */
struct fake {
	bool absent;	  /* reads give all ones */
	bool floating;	  /* reads give what was written last */
	bool no_scratch;  /* as the first 8250s */
	bool no_loopback; /* as some emulations */
	bool no_fifo;
	bool pending; /* an interrupt */
	bool stuck;   /* the transmitter never empties */
	u8 regs[UART_REGISTERS];
	u8 dll, dlm;
	u8 last_write;
	u8 line_errors;
	const char *input;
	char output[4096];
	unsigned length, status_reads, accesses;
};

static u8 modem_status(const struct fake *f)
{
	u8 mcr = f->regs[UART_MCR];

	if (!(mcr & UART_MCR_LOOPBACK) || f->no_loopback)
		return UART_MSR_CTS | UART_MSR_DSR;
	return (mcr & UART_MCR_RTS ? UART_MSR_CTS : 0) |
	       (mcr & UART_MCR_DTR ? UART_MSR_DSR : 0) |
	       (mcr & UART_MCR_OUT2 ? UART_MSR_DCD : 0);
}

static u8 line_status(struct fake *f)
{
	bool data = f->input && *f->input;

	f->status_reads++;
	return (f->stuck ? 0 : UART_LSR_THRE) |
	       (data ? UART_LSR_DATA_READY | f->line_errors : 0);
}

static u8 fake_read(struct fake *f, unsigned reg)
{
	f->accesses++;
	if (f->absent)
		return 0xff;
	if (f->floating)
		return f->last_write;
	switch (reg) {
	case UART_RBR: return (u8)*f->input++;
	case UART_IIR:
		if (f->pending)
			return UART_IIR_FIFO;
		return f->no_fifo || !(f->regs[UART_FCR] & UART_FCR_ENABLE)
			       ? 1
			       : UART_IIR_FIFO | 1;
	case UART_LSR: return line_status(f);
	case UART_MSR: return modem_status(f);
	case UART_SCR: return f->no_scratch ? 0 : f->regs[UART_SCR];
	default: return f->regs[reg];
	}
}

static void fake_write(struct fake *f, unsigned reg, u8 value)
{
	f->accesses++;
	f->last_write = value;
	if (f->absent)
		return;
	if (f->regs[UART_LCR] & UART_LCR_DLAB && reg <= UART_DLM) {
		*(reg == UART_DLL ? &f->dll : &f->dlm) = value;
	} else if (reg == UART_THR && f->length < sizeof(f->output) - 1) {
		f->output[f->length++] = (char)value;
	} else {
		f->regs[reg] = value;
	}
}

static u8 ops_read(const struct uart *uart, unsigned reg)
{
	return fake_read((void *)uart->base, reg);
}

static void ops_write(const struct uart *uart, unsigned reg, u8 value)
{
	fake_write((void *)uart->base, reg, value);
}

static const struct uart_ops fake_ops = {
	.read = ops_read,
	.write = ops_write,
};

static struct uart uart_on(struct fake *f)
{
	return (struct uart){ .ops = &fake_ops, .base = f };
}

TEST(a_uart_is_recognised_by_either_evidence)
{
	struct fake whole = {}, old = { .no_scratch = true },
		    simple = { .no_loopback = true };
	struct uart uart = uart_on(&whole);

	CHECK(uart_probe(&uart));
	uart = uart_on(&old);
	CHECK(uart_probe(&uart));
	uart = uart_on(&simple);
	CHECK(uart_probe(&uart));
}

TEST(what_is_no_uart_is_not_recognised)
{
	struct fake absent = { .absent = true }, bus = { .floating = true },
		    dead = { .no_scratch = true, .no_loopback = true };
	struct uart uart = uart_on(&absent);

	CHECK(!uart_probe(&uart));
	CHECK_EQ(absent.accesses, 1);
	uart = uart_on(&bus);
	CHECK(!uart_probe(&uart));
	uart = uart_on(&dead);
	CHECK(!uart_probe(&uart));
}

static u16 divisor_for(const char *options)
{
	struct fake f = { .dll = 0x55, .dlm = 0xaa };
	struct uart uart = uart_on(&f);

	uart_init(&uart, options);
	CHECK_EQ(f.regs[UART_LCR], UART_LCR_8N1);
	CHECK_EQ(f.regs[UART_IER], 0);
	CHECK_EQ(f.regs[UART_MCR], UART_MCR_DTR | UART_MCR_RTS);
	return (u16)(f.dlm << 8 | f.dll);
}

TEST(the_rate_comes_from_the_options)
{
	CHECK_EQ(divisor_for("115200n8"), 1);
	CHECK_EQ(divisor_for("9600"), 12);
	CHECK_EQ(divisor_for("1200"), 96);
	CHECK_EQ(divisor_for(""), 1);
	CHECK_EQ(divisor_for("n8"), 1);
	CHECK_EQ(divisor_for("0"), 1);
	CHECK_EQ(divisor_for("300"), 1);
	CHECK_EQ(divisor_for("99999999999999"), 1);
	CHECK_EQ(divisor_for(NULL), 0xaa55);
}

static void print(struct uart *uart, const char *s)
{
	uart->console.write(&uart->console, s, strlen(s));
}

TEST(newlines_get_carriage_returns)
{
	struct fake f = {};
	struct uart uart = uart_on(&f);

	uart_init(&uart, "");
	print(&uart, "a\n\nb");
	CHECK_STR(f.output, "a\r\n\r\nb");
}

TEST(a_fifo_is_filled_for_each_status_read)
{
	struct fake f = {}, old = { .no_fifo = true };
	struct uart uart = uart_on(&f);
	static const char text[] = "0123456789abcdef0123456789abcdef";

	uart_init(&uart, "");
	f.status_reads = 0;
	print(&uart, text);
	CHECK_STR(f.output, text);
	CHECK_EQ(f.status_reads, 2);
	uart = uart_on(&old);
	uart_init(&uart, "");
	old.status_reads = 0;
	print(&uart, text);
	CHECK_STR(old.output, text);
	CHECK_EQ(old.status_reads, 32);
}

TEST(a_stuck_transmitter_costs_one_timeout)
{
	struct fake f = {};
	struct uart uart = uart_on(&f);
	u64 start;

	uart_init(&uart, "");
	f.stuck = true;
	start = now_ns;
	print(&uart, "lost");
	CHECK(now_ns - start >= UART_TX_TIMEOUT_MS * NSEC_PER_MSEC);
	CHECK(now_ns - start < 2 * UART_TX_TIMEOUT_MS * NSEC_PER_MSEC);
	CHECK(uart.console.flags & CONSOLE_STALLED);
	start = now_ns;
	print(&uart, "lost as well");
	CHECK_EQ(now_ns, start);
	CHECK_STR(f.output, "");
	/* It comes back to life. */
	f.stuck = false;
	print(&uart, "here");
	CHECK_STR(f.output, "here");
}

TEST(input_is_read_and_bad_bytes_are_dropped)
{
	struct fake f = { .input = "a" };
	struct uart uart = uart_on(&f);

	uart_init(&uart, "");
	CHECK_EQ(uart.console.getc(&uart.console), 'a');
	f.input = "b";
	f.line_errors = UART_LSR_FRAMING;
	CHECK_EQ(uart.console.getc(&uart.console), -1);
	CHECK_STR(f.input, "");
	CHECK_EQ(uart.console.getc(&uart.console), -1);
	f.absent = true;
	CHECK_EQ(uart.console.getc(&uart.console), -1);
}

TEST(input_that_does_not_fit_waits_in_the_device)
{
	static char text[2 * UART_RX_BYTES + 1];
	struct fake f = { .input = text };
	struct uart uart = uart_on(&f);
	unsigned n = 0;

	memset(text, 'x', sizeof(text) - 1);
	uart_init(&uart, "");
	uart_set_interrupts(&uart, true);
	CHECK_EQ(f.regs[UART_IER], UART_IER_RECEIVED);
	CHECK_EQ(uart_interrupt(&uart), IRQ_NONE);
	f.pending = true;
	CHECK_EQ(uart_interrupt(&uart), IRQ_HANDLED);
	CHECK_EQ(f.regs[UART_IER], 0);
	while (uart.console.getc(&uart.console) == 'x')
		n++;
	CHECK_EQ(n, 2 * UART_RX_BYTES);
	CHECK_EQ(f.regs[UART_IER], UART_IER_RECEIVED);
}

TEST(memory_registers_have_stride_and_width)
{
	u32 words[UART_REGISTERS] = { [UART_SCR] = 0xabcd1234 };
	u8 bytes[UART_REGISTERS * 4] = { [UART_SCR * 4] = 0x77 };
	struct uart uart = {
		.ops = &uart_mmio_ops, .base = words, .stride = 4, .width = 4
	};

	CHECK_EQ(uart_mmio_ops.read(&uart, UART_SCR), 0x34);
	uart_mmio_ops.write(&uart, UART_LCR, 0x80);
	CHECK_EQ(words[UART_LCR], 0x80);
	uart.base = bytes;
	uart.width = 1;
	CHECK_EQ(uart_mmio_ops.read(&uart, UART_SCR), 0x77);
}

/* earlycon= and SPCR. */

static int parse(const char *text, struct uart_place *place)
{
	const char *options;

	return uart_parse_earlycon(text, place, &options);
}

TEST(earlycon_names_ports_and_memory)
{
	struct uart_place p;
	const char *options;

	CHECK_EQ(uart_parse_earlycon("uart8250,io,0x3f8", &p, &options), 0);
	CHECK(p.io);
	CHECK_EQ(p.address, 0x3f8);
	CHECK_EQ(p.stride, 1);
	CHECK_STR(options, "");
	CHECK_EQ(uart_parse_earlycon("uart8250,mmio32,0xfedc9000,9600n8", &p,
				     &options),
		 0);
	CHECK(!p.io);
	CHECK_EQ(p.address, 0xfedc9000);
	CHECK_EQ(p.stride, 4);
	CHECK_EQ(p.width, 4);
	CHECK_STR(options, "9600n8");
	CHECK_EQ(parse("uart8250,mmio,0x10000", &p), 0);
	CHECK_EQ(p.width, 1);
	CHECK_EQ(parse("uart8250,mmio16,0x10000", &p), 0);
	CHECK_EQ(p.stride, 2);
}

TEST(malformed_earlycons_are_refused)
{
	static const char *const bad[] = {
		"",
		"uart8250",
		"uart8250,",
		"uart8250,io",
		"uart8250,io,",
		"uart8250,io,x",
		"uart8250,io,0x3f8x",
		"uart8250,io,0xfffff",
		"uart8250,io,0xfff9",
		"uart8250,io,0x20",
		"uart8250,mmio32,0",
		"uart8250,mmio32,0x1002",
		"uart8250,mmio,0xffffffffffffffff",
		"uart8250,mmio,0x111111111111111111111111",
		"uart8250,mmio64,0x1000",
		"pl011,mmio,0x1000",
	};
	struct uart_place p;

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		if (!CHECK_EQ(parse(bad[i], &p), -EINVAL))
			printf("\t%s\n", bad[i]);
	}
	CHECK_EQ(parse(NULL, &p), -EINVAL);
}

static struct acpi_spcr new_spcr(u8 type, u8 space, u8 bits, u8 access,
				 u64 address)
{
	return (struct acpi_spcr){
		.header.length = cpu_to_le32(ACPI_SPCR_V2_LENGTH),
		.interface_type = type,
		.base_address = { .address_space_id = space,
				  .register_bit_width = bits,
				  .access_size = access,
				  .address = cpu_to_le64(address) },
	};
}

TEST(spcr_names_ports_and_memory)
{
	struct acpi_spcr t =
		new_spcr(ACPI_SPCR_16550, ACPI_SPACE_IO, 8, 0, 0x2f8);
	struct uart_place p;

	CHECK_EQ(uart_parse_spcr(&t.header, &p), 0);
	CHECK(p.io);
	CHECK_EQ(p.address, 0x2f8);
	CHECK_EQ(p.stride, 1);
	t = new_spcr(ACPI_SPCR_16550_GAS, ACPI_SPACE_MEMORY, 32,
		     ACPI_ACCESS_DWORD, 0xfe000000);
	CHECK_EQ(uart_parse_spcr(&t.header, &p), 0);
	CHECK_EQ(p.stride, 4);
	CHECK_EQ(p.width, 4);
	t = new_spcr(ACPI_SPCR_16450, ACPI_SPACE_MEMORY, 8, ACPI_ACCESS_DWORD,
		     0xfe000000);
	CHECK_EQ(uart_parse_spcr(&t.header, &p), 0);
	CHECK_EQ(p.stride, 4);
	t = new_spcr(ACPI_SPCR_16550, ACPI_SPACE_MEMORY, 32, ACPI_ACCESS_BYTE,
		     0xfe000000);
	CHECK_EQ(uart_parse_spcr(&t.header, &p), 0);
	CHECK_EQ(p.stride, 4);
	CHECK_EQ(p.width, 1);
}

TEST(spcr_of_other_kinds_names_nothing)
{
	struct acpi_spcr t = new_spcr(ACPI_SPCR_PL011, ACPI_SPACE_MEMORY, 32,
				      ACPI_ACCESS_DWORD, 0x9000000);
	struct uart_place p;

	CHECK_EQ(uart_parse_spcr(&t.header, &p), -ENODEV);
	t = new_spcr(ACPI_SPCR_16550, ACPI_SPACE_IO, 8, 0, 0);
	CHECK_EQ(uart_parse_spcr(&t.header, &p), -ENODEV);
	t = new_spcr(ACPI_SPCR_16550, ACPI_SPACE_PCI_CONFIG, 8, 0, 0x3f8);
	CHECK_EQ(uart_parse_spcr(&t.header, &p), -ENODEV);
}

TEST(spcr_that_cannot_be_is_refused)
{
	struct acpi_spcr t =
		new_spcr(ACPI_SPCR_16550, ACPI_SPACE_IO, 8, 0, 0x3f8);
	struct uart_place p;

	t.header.length = cpu_to_le32(ACPI_SPCR_V2_LENGTH - 1);
	CHECK_EQ(uart_parse_spcr(&t.header, &p), -EBADMSG);
	t = new_spcr(ACPI_SPCR_16550, ACPI_SPACE_IO, 8, 0, 0x10000);
	CHECK_EQ(uart_parse_spcr(&t.header, &p), -EBADMSG);
	t = new_spcr(ACPI_SPCR_16550, ACPI_SPACE_IO, 0, 0, 0x3f8);
	CHECK_EQ(uart_parse_spcr(&t.header, &p), 0);
	t = new_spcr(ACPI_SPCR_16550, ACPI_SPACE_MEMORY, 0, 0, 0xfe000000);
	CHECK_EQ(uart_parse_spcr(&t.header, &p), -EBADMSG);
	t = new_spcr(ACPI_SPCR_16550, ACPI_SPACE_MEMORY, 64, ACPI_ACCESS_QWORD,
		     0xfe000000);
	CHECK_EQ(uart_parse_spcr(&t.header, &p), -EBADMSG);
	t = new_spcr(ACPI_SPCR_16550, ACPI_SPACE_MEMORY, 24, ACPI_ACCESS_BYTE,
		     0xfe000000);
	CHECK_EQ(uart_parse_spcr(&t.header, &p), -EBADMSG);
}

/* The machine: four COM ports, and a memory map. */

static struct fake com1, com2;
static struct acpi_spcr spcr;
static bool spcr_present;

static struct fake *port_at(u16 port)
{
	static struct fake nothing = { .absent = true };

	switch (port & ~7U) {
	case UART_COM1_PORT: return &com1;
	case UART_COM2_PORT: return &com2;
	default: return &nothing;
	}
}

u8 inb(u16 port)
{
	return fake_read(port_at(port), port & 7);
}

void outb(u16 port, u8 v)
{
	fake_write(port_at(port), port & 7, v);
}

static u8 mmio_window[UART_REGISTERS * 4];

void *memremap(phys_addr_t phys, u64 size, enum memory_type type)
{
	CHECK_EQ(type, MEMORY_UC);
	CHECK_EQ(size, sizeof(mmio_window));
	return mmio_window;
}

void __iomem *ioremap(phys_addr_t phys, u64 size)
{
	return memremap(phys, size, MEMORY_UC);
}

const struct memmap *bootmem_map(void)
{
	static const struct memmap map = {
		.count = 2,
		.entries = { { 0x1000, 0x8000000, MEMMAP_RAM },
			     { 0xfe000000, 0xff000000, MEMMAP_RESERVED } },
	};

	return &map;
}

const struct acpi_sdt_header *acpi_find(const char *signature, unsigned index)
{
	CHECK_STR(signature, "SPCR");
	return spcr_present ? &spcr.header : NULL;
}

static int run_init(const char *name)
{
	table_for_each(const struct initcall, init, it) {
		if (strcmp((*it)->name, name) == 0)
			return (*it)->fn();
	}
	CHECK(false);
	return -ENOENT;
}

static unsigned consoles(void)
{
	unsigned n = 0;

	for (struct console *con = console_first(); con; con = con->next)
		n++;
	return n;
}

TEST(no_port_at_all_is_no_error)
{
	com1.absent = com2.absent = true;
	CHECK_EQ(run_init("uart_ports_init"), 0);
	CHECK_EQ(run_init("uart_mmio_init"), 0);
	CHECK_EQ(run_init("uart_spcr_init"), 0);
	CHECK_EQ(consoles(), 0);
	CHECK_EQ(com1.accesses, 1);
	CHECK_EQ(com2.accesses, 0);
}

TEST(com1_is_found_and_com2_on_demand)
{
	static char cmdline[] = "console=ttyS1,9600";

	com1 = com2 = (struct fake){};
	CHECK_EQ(run_init("uart_ports_init"), 0);
	CHECK_EQ(consoles(), 1);
	CHECK_STR(console_first()->name, "ttyS0");
	CHECK(strstr(com1.output, "ttyS0: 16550A at I/O port 0x3f8\r\n"));
	CHECK_EQ(com2.accesses, 0);

	CHECK_EQ(param_parse(cmdline), 0);
	CHECK_EQ(run_init("uart_ports_init"), 0);
	CHECK_EQ(consoles(), 2);
	CHECK_STR(console_first()->next->name, "ttyS1");
	CHECK_EQ(com2.dll, 12);
}

TEST(spcr_of_a_known_port_adds_nothing)
{
	spcr = new_spcr(ACPI_SPCR_16550, ACPI_SPACE_IO, 8, 0, UART_COM1_PORT);
	spcr_present = true;
	CHECK_EQ(run_init("uart_spcr_init"), 0);
	CHECK_EQ(consoles(), 2);
}

TEST(spcr_in_ram_is_not_touched)
{
	spcr = new_spcr(ACPI_SPCR_16550_GAS, ACPI_SPACE_MEMORY, 32,
			ACPI_ACCESS_DWORD, 0x7ffffe4);
	memset(mmio_window, 0x5a, sizeof(mmio_window));
	CHECK_EQ(run_init("uart_spcr_init"), 0);
	CHECK_EQ(consoles(), 2);
	CHECK_EQ(mmio_window[UART_SCR * 4], 0x5a);
}

TEST(spcr_in_device_memory_is_another_port)
{
	spcr.base_address.address = cpu_to_le64(0xfe001000);
	/* Memory keeps a scratch register, and its transmitter is empty. */
	mmio_window[UART_LSR * 4] = UART_LSR_THRE;
	CHECK_EQ(run_init("uart_spcr_init"), 0);
	CHECK_EQ(consoles(), 3);
	CHECK_STR(console_first()->next->next->name, "ttyS2");
}
