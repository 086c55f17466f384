/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lines of serial ports: a PC's COM1 and COM3 have IRQ 4, the others 3;
 * elsewhere the device tree tells.
 */
#include <kernel/init.h>
#include <kernel/printk.h>
#include "uart16550.h"

#define UART_NO_IRQ (-1)

static int isa_line(const struct uart *uart)
{
	switch (uart->port) {
	case UART_COM1_PORT:
	case UART_COM3_PORT: return 4;
	case UART_COM2_PORT:
	case UART_COM4_PORT: return 3;
	default: return UART_NO_IRQ;
	}
}

static int line_of(const struct uart *uart, enum irq_trigger *trigger)
{
	int line = isa_line(uart);

	if (IS_ENABLED(CONFIG_SERIAL_16550_FDT) && uart->base)
		return uart_fdt_line(uart->address, trigger);
	return line == UART_NO_IRQ ? -1 : irq_from_isa((unsigned)line);
}

/* Without its interrupt a port is polled, as it was until now. */
static void use_interrupt(struct uart *uart)
{
	enum irq_trigger trigger = IRQ_TRIGGER_DEFAULT;
	int irq = line_of(uart, &trigger);

	if (irq < 0)
		return;
	uart->irq = (struct irq_action){
		.name = uart->name,
		.handler = uart_interrupt,
		.context = uart,
	};
	if (irq_request((unsigned)irq, &uart->irq, trigger))
		return;
	if (!uart_try_interrupt(uart)) {
		pr_notice("%s: line %d does not interrupt: polled", uart->name,
			  irq);
		irq_free(&uart->irq);
		return;
	}
	uart->console.irq = &uart->irq;
	pr_info("%s: interrupts on line %d", uart->name, irq);
}

static int uart_irq_init(void)
{
	uart_for_each(use_interrupt);
	return 0;
}
initcall(INIT_DRIVER, uart_irq_init);
