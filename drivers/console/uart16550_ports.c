/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which 16550 ports there are: COM1 if it answers, COM2 to COM4 if console=
 * asks for them, and what earlycon= says.
 */
#include <kernel/earlycon.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/io.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "uart16550.h"

/* COM1 to COM4, one from SPCR, one from earlycon=. */
#define UART_MAX 6

static struct uart uarts[UART_MAX];
static struct uart_place places[UART_MAX];
static unsigned uart_count;

static const u16 com_ports[] = { UART_COM1_PORT, UART_COM2_PORT, UART_COM3_PORT,
				 UART_COM4_PORT };

/* Below are the ports of the system board: timers, interrupt controllers. */
#define UART_FIRST_PORT 0x100

int uart_place_check(const struct uart_place *place)
{
	u64 size = (u64)place->stride * UART_REGISTERS;

	if (place->io)
		return place->address < UART_FIRST_PORT ||
				       place->address > 0x10000 - size
			       ? -EINVAL
			       : 0;
	return !place->address || place->address > UINT64_MAX - size ||
			       place->address % place->width
		       ? -EINVAL
		       : 0;
}

static bool name_is_taken(const char *name)
{
	for (unsigned i = 0; i < uart_count; i++) {
		if (strcmp(uarts[i].name, name) == 0)
			return true;
	}
	return false;
}

static void choose_name(struct uart *uart, const struct uart_place *place)
{
	unsigned n = 0;

	for (unsigned i = 0; place->io && i < ARRAY_SIZE(com_ports); i++) {
		if (com_ports[i] == place->address)
			n = i;
	}
	/* Ends: there are fewer ports than numbers. */
	do
		snprintf(uart->name, sizeof(uart->name), "ttyS%u", n++);
	while (name_is_taken(uart->name));
}

static bool is_known(const struct uart_place *place)
{
	for (unsigned i = 0; i < uart_count; i++) {
		if (places[i].io == place->io &&
		    places[i].address == place->address)
			return true;
	}
	return false;
}

static int uart_reach(struct uart *uart, const struct uart_place *place)
{
	uart->stride = place->stride;
	uart->width = place->width;
	if (place->io) {
		if (!IS_ENABLED(CONFIG_HAS_IOPORT))
			return -ENODEV;
		uart->ops = &uart_io_ops;
		uart->port = (u16)place->address;
		return 0;
	}
	uart->ops = &uart_mmio_ops;
	uart->address = place->address;
	uart->base =
		ioremap(place->address, (u64)place->stride * UART_REGISTERS);
	return uart->base ? 0 : -ENOMEM;
}

int uart_add(const struct uart_place *place, const char *options, bool certain)
{
	struct uart *uart = &uarts[uart_count];
	const char *chosen;
	int ret = uart_place_check(place);

	if (ret)
		return ret;
	if (is_known(place))
		return -EEXIST;
	if (uart_count == UART_MAX)
		return -ENOSPC;
	ret = uart_reach(uart, place);
	if (ret)
		return ret;
	if (!uart_probe(uart) && !certain)
		return -ENODEV;

	choose_name(uart, place);
	places[uart_count++] = *place;
	chosen = console_options(uart->name);
	uart_init(uart, chosen && *chosen ? chosen : options);
	ret = console_register(&uart->console);
	pr_info("%s: %s at %s %#llx", uart->name,
		uart->fifo > 1 ? "16550A" : "8250/16450",
		place->io ? "I/O port" : "memory",
		(unsigned long long)place->address);
	/* Input works also where console= does not want the output. */
	return ret == -EPERM ? 0 : ret;
}

void uart_for_each(void (*fn)(struct uart *uart))
{
	for (unsigned i = 0; i < uart_count; i++)
		fn(&uarts[i]);
}

static struct uart_place early_place;
static const char *early_options;

static bool type_is(const char *text, const char *type, size_t n)
{
	return strlen(type) == n && strncmp(text, type, n) == 0;
}

/* A port's registers are bytes 1 apart; a mmio32 one's are words 4 apart. */
static int parse_type(const char *text, size_t n, struct uart_place *place)
{
	place->io = type_is(text, "io", n);
	place->width = 1;
	if (type_is(text, "mmio16", n))
		place->width = 2;
	else if (type_is(text, "mmio32", n))
		place->width = 4;
	else if (!place->io && !type_is(text, "mmio", n))
		return -EINVAL;
	place->stride = place->width;
	return 0;
}

/* "0x" and 16 digits, and the end of the string. */
#define ADDRESS_TEXT_MAX 19

int uart_parse_earlycon(const char *text, struct uart_place *place,
			const char **options)
{
	static const char kind[] = "uart8250,";
	char number[ADDRESS_TEXT_MAX];
	const char *type, *address, *end;
	size_t n;

	if (!text || !str_has_prefix(text, kind))
		return -EINVAL;
	type = text + strlen(kind);
	address = strchr(type, ',');
	if (!address || parse_type(type, (size_t)(address - type), place))
		return -EINVAL;
	address++;
	end = strchr(address, ',');
	n = end ? (size_t)(end - address) : strlen(address);
	if (n >= sizeof(number))
		return -EINVAL;
	memcpy(number, address, n);
	number[n] = '\0';
	if (kstrtou64(number, 0, &place->address))
		return -EINVAL;
	*options = end ? end + 1 : "";
	return uart_place_check(place);
}

static int set_earlycon(const char *value)
{
	struct uart_place place;
	const char *options;
	int ret = uart_parse_earlycon(value, &place, &options);

	if (ret)
		return ret;
	early_place = place;
	early_options = options;
	return 0;
}

static const struct earlycon uart_earlycon = {
	.name = "uart8250",
	.set = set_earlycon,
};
EARLYCON(uart_earlycon);

/* An absent port is no failure, nor is one that is a console already. */
static int tolerate_absence(int ret)
{
	return ret == -ENODEV || ret == -EEXIST ? 0 : ret;
}

static int uart_add_com(unsigned i)
{
	struct uart_place place = {
		.io = true, .stride = 1, .width = 1, .address = com_ports[i]
	};

	return tolerate_absence(uart_add(&place, "", false));
}

static int uart_ports_init(void)
{
	static const char names[][6] = { "ttyS0", "ttyS1", "ttyS2", "ttyS3" };
	int ret = 0, added;

	if (early_options && early_place.io)
		ret = tolerate_absence(
			uart_add(&early_place, early_options, true));
	for (unsigned i = 0; i < ARRAY_SIZE(com_ports); i++) {
		/* COM2 and on belong to whoever is at their other end. */
		if (i != 0 && !console_options(names[i]))
			continue;
		added = uart_add_com(i);
		if (added)
			ret = added;
	}
	return ret;
}
initcall(INIT_EARLYCON, uart_ports_init);

/* Before level MEMORY there are no mappings for device registers. */
static int uart_mmio_init(void)
{
	if (!early_options || early_place.io)
		return 0;
	return tolerate_absence(uart_add(&early_place, early_options, true));
}
initcall(INIT_IRQ, uart_mmio_init);
