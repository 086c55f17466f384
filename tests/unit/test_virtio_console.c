/* SPDX-License-Identifier: BSD-2-Clause */
/* Consoles of virtio, and how they print when nothing else works any more. */
#include "fake_console.h"

/* virtio 1.3, drivernormative 5.3.6.1 */
TEST(one_port_is_a_console_at_once)
{
	struct port *port;

	make(false);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	if (!CHECK(console))
		return;
	CHECK_STR(console->name, "hvc0");
	CHECK_STR(info_of("virtio0.0").text, "console hvc0, 80 x 25");
	CHECK_EQ(port_open("virtio0.0", &port), -EBUSY);
	type("one\ntwo");
	CHECK(was_printed("one\r\ntwo"));
	/* Collected until the core says that this is all. */
	CHECK_EQ(out_buffers, 1);
	CHECK_EQ(console->getc(console), -1);
	receive(0, "ab", 2);
	CHECK_EQ(inputs, 1);
	CHECK_EQ(console->getc(console), 'a');
	CHECK_EQ(console->getc(console), 'b');
	CHECK_EQ(console->getc(console), -1);
	config()->cols = cpu_to_le16(132);
	fake_config_interrupt(&fake);
	host_run_work();
	CHECK_STR(info_of("virtio0.0").text, "console hvc0, 132 x 25");
	end();
	CHECK(no_ports());
}

TEST(input_is_taken_for_ever)
{
	make(false);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	for (unsigned i = 0; i < 1000; i++) {
		receive(0, "xy", 2);
		CHECK_EQ(console->getc(console), 'x');
		CHECK_EQ(console->getc(console), 'y');
	}
	end();
}

TEST(an_early_console_is_replaced)
{
	make(false);
	has_early = true;
	replaced = 0;
	CHECK_EQ(fake_virtio_add(&fake), 0);
	CHECK_EQ(replaced, 1);
	has_early = false;
	end();
}

TEST(a_host_that_takes_nothing_costs_its_time_once)
{
	u64 before;

	make(false);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	stuck = true;
	for (unsigned i = 0; i < VCON_BUFFERS; i++)
		type("x");
	before = host_time_now_ns;
	host_time_step_ns = NSEC_PER_MSEC;
	type("lost");
	CHECK(console->flags & CONSOLE_STALLED);
	CHECK(host_time_now_ns - before < 2 * NSEC_PER_SEC);
	before = host_time_now_ns;
	type("lost as well");
	CHECK(host_time_now_ns - before < 100 * NSEC_PER_MSEC);
	host_time_step_ns = 1000;
	stuck = false;
	serve(&fake, 1);
	CHECK(was_printed("xxxxxxxx"));
	type("again");
	CHECK(was_printed("again"));
	end();
}

TEST(in_a_panic_who_holds_the_lock_is_not_waited_for)
{
	struct vcon *vcon;

	make(false);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	vcon = device_data(&fake.vdev.dev);
	spin_lock(&vcon->ports[0].tx_lock);
	panicking = true;
	fake.config_written = 0;
	host_time_step_ns = 100000;
	type("oops\n");
	/* Emergency writes: a byte each. */
	CHECK_EQ(fake.config_written, 6);
	CHECK_EQ(le32_to_cpu(config()->emerg_wr), '\n');
	CHECK_EQ(out_count, 0);
	host_time_step_ns = 1000;
	panicking = false;
	spin_unlock(&vcon->ports[0].tx_lock);
	end();
}

TEST(in_a_panic_the_queue_is_used_by_force_where_there_is_nothing_else)
{
	struct vcon *vcon;

	make(false);
	virtio_feature_clear(&fake.offered, VIRTIO_CONSOLE_F_EMERG_WRITE);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	vcon = device_data(&fake.vdev.dev);
	spin_lock(&vcon->ports[0].tx_lock);
	panicking = true;
	fake.config_written = 0;
	host_time_step_ns = 100000;
	type("oops\n");
	CHECK_EQ(fake.config_written, 0);
	CHECK(was_printed("oops\r\n"));
	host_time_step_ns = 1000;
	panicking = false;
	spin_unlock(&vcon->ports[0].tx_lock);
	end();
}

TEST(in_a_panic_a_queue_that_stands_still_is_left_for_emergency_writes)
{
	make(false);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	stuck = true;
	panicking = true;
	fake.config_written = 0;
	host_time_step_ns = NSEC_PER_MSEC;
	type("one\n");
	type("two\n");
	CHECK_EQ(fake.config_written, 5);
	host_time_step_ns = 1000;
	panicking = false;
	end();
}

TEST(a_broken_device_prints_on_by_emergency_writes_until_it_is_taken_away)
{
	make(false);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	virtio_break(&fake.vdev, "for a test");
	host_run_work();
	CHECK(no_ports());
	if (!CHECK(console))
		return;
	fake.config_written = 0;
	type("still here");
	CHECK_EQ(fake.config_written, 10);
	end();
}

TEST(more_ports_than_the_driver_uses_are_left_alone)
{
	make(true);
	config()->max_nr_ports = cpu_to_le32(0);
	CHECK_EQ(fake_virtio_add(&fake), -EINVAL);
	end();
	/* The queues of so many are not there. */
	make(true);
	config()->max_nr_ports = cpu_to_le32(UINT32_MAX);
	CHECK(fake_virtio_add(&fake));
	end();
}

TEST(without_memory_a_device_is_not_driven)
{
	for (unsigned i = 0; i < 12; i++) {
		make(true);
		host_heap_fail_after(i);
		if (!fake_virtio_add(&fake))
			pump();
		host_heap_fail_after(HOST_HEAP_NEVER);
		end();
		make(false);
		host_heap_fail_after(i);
		fake_virtio_add(&fake);
		host_heap_fail_after(HOST_HEAP_NEVER);
		end();
	}
}
