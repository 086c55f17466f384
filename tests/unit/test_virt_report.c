/* SPDX-License-Identifier: BSD-2-Clause */
/* What detection prints at boot, uses, and shows in the shell. */
#include "unit.h"
#include "fake_cpuid.h"
#include "json_check.h"
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/shell.h>
#include <kernel/virt/msr.h>
#include <kernel/virt/paravirt.h>
#include <kernel/vsprintf.h>

#define BASE 0x40000000U

static char text[65536];
static size_t used;

void console_write(const char *s, size_t n)
{
	if (!CHECK(used + n < sizeof(text)))
		return;
	memcpy(text + used, s, n);
	used += n;
	text[used] = '\0';
}

void console_puts(const char *s)
{
	console_write(s, strlen(s));
}

void console_printf(const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	CHECK(vsnprintf(line, sizeof(line), fmt, ap) < (int)sizeof(line));
	va_end(ap);
	console_puts(line);
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	(void)level;
	(void)flags;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	console_puts(line);
	console_puts("\n");
}

int param_set_bool(const struct param *p, const char *value)
{
	*(bool *)p->data = !value || *value == '1';
	return 0;
}

static int msr_result;
static u64 msr_value;
static unsigned msr_reads;

int virt_rdmsr(u32 msr, u64 *value)
{
	CHECK(msr == 0x40000022 || msr == 0x40000023);
	msr_reads++;
	if (!msr_result)
		*value = msr_value;
	return msr_result;
}

void virt_gather_evidence(struct virt_evidence *out)
{
	virt_scan_cpuid(&ev, fake_cpuid);
	*out = ev;
}

static void nopv(const char *value)
{
	bool found = false;

	table_for_each(const struct param, param, it) {
		if (strcmp((*it)->name, "nopv"))
			continue;
		found = true;
		CHECK_EQ((*it)->set(*it, value), 0);
	}
	CHECK(found);
}

static void clear(void)
{
	used = 0;
	text[0] = '\0';
}

static void boot(void)
{
	clear();
	table_for_each(const struct initcall, init, it)
		CHECK_EQ((*it)->fn(), 0);
}

static void check_boot(const char *expected)
{
	boot();
	CHECK_STR(text, expected);
}

#define SCANNING "Hypervisor Detection: Scanning for virtualization...\n"
#define BY_BIT	 "Hypervisor detected! (CPUID.1.ECX[31]=1)\n"

static void kvm(u32 features)
{
	virtual_machine();
	set_block(BASE, BASE + 0x10, "KVMKVMKVM\0\0\0");
	set_leaf(BASE + 1, features, 0, 0, 0);
}

TEST(boot_on_bare_metal)
{
	bare_metal();
	check_boot(SCANNING "No hypervisor detected (CPUID.1.ECX[31]=0)\n"
			    "Hypervisor: None (bare metal)\n"
			    "Paravirtualization: Not available\n");
	CHECK(!is_virtualized());
	CHECK_EQ(hypervisor_get_type(), HYPERV_TYPE_NONE);
	CHECK_STR(hypervisor_get_name(), "None");
}

TEST(boot_under_kvm)
{
	kvm(BIT(3));
	check_boot(SCANNING BY_BIT "Hypervisor: KVM\n"
				   "Paravirtualization: Available\n");
	CHECK(is_virtualized());
	CHECK_EQ(hypervisor_get_type(), HYPERV_TYPE_KVM);
	CHECK_STR(hypervisor_get_name(), "KVM");
}

TEST(boot_under_a_kvm_that_offers_nothing)
{
	kvm(BIT(24));
	check_boot(SCANNING BY_BIT "Hypervisor: KVM\n"
				   "Paravirtualization: Not available\n");
}

TEST(boot_with_nopv)
{
	kvm(BIT(3));
	nopv("1");
	check_boot(SCANNING BY_BIT "Hypervisor: KVM\n"
				   "Paravirtualization: Disabled (nopv)\n");
	nopv("0");
}

TEST(boot_by_firmware_alone)
{
	bare_metal();
	say_smbios("QEMU", "Standard PC (Q35 + ICH9, 2009)");
	check_boot(SCANNING "Hypervisor detected! (SMBIOS)\n"
			    "Hypervisor: QEMU\n"
			    "Paravirtualization: Not available\n");
}

TEST(boot_under_someone_unknown)
{
	virtual_machine();
	set_block(BASE, BASE, "XYZ\0\0\0\0\0\0\0\0\0");
	check_boot(SCANNING BY_BIT "Hypervisor: Unknown (\"XYZ\")\n"
				   "Paravirtualization: Not available\n");
}

TEST(boot_names_the_other_interfaces)
{
	virtual_machine();
	set_block(BASE, BASE + 5, "Microsoft Hv");
	set_hyperv_interface(BASE);
	set_block(KVM_AT, KVM_AT + 1, "KVMKVMKVM\0\0\0");
	set_leaf(KVM_AT + 1, BIT(3), 0, 0, 0);
	set_block(BASE + 0x200, BASE + 0x200, "XYZ\0\0\0\0\0\0\0\0\0");
	say_smbios("QEMU", "Standard PC (Q35 + ICH9, 2009)");
	check_boot(SCANNING BY_BIT
		   "Hypervisor: KVM\n"
		   "Paravirtualization: Available\n"
		   "Hypervisor interface: Hyper-V at 0x40000000\n"
		   "Hypervisor interface: Unknown (\"XYZ\") at 0x40000200\n");
}

TEST(boot_does_not_take_a_name_for_an_interface)
{
	virtual_machine();
	set_block(BASE, BASE + 5, "ACRNACRNACRN");
	set_hyperv_interface(BASE);
	set_leaf(BASE + 3, BIT(5), 0, 0, 0);
	set_block(KVM_AT, KVM_AT + 1, "KVMKVMKVM\0\0\0");
	check_boot(SCANNING BY_BIT
		   "Hypervisor: KVM\n"
		   "Paravirtualization: Available\n"
		   "Hypervisor interface: Hyper-V at 0x40000000\n");
}

/* The counter's frequency. */

static const char *source;

static u64 frequency(void)
{
	boot();
	clear();
	source = NULL;
	msr_reads = 0;
	return virt_tsc_khz(&source);
}

static void timing_leaf(const char *signature, u32 khz)
{
	virtual_machine();
	set_block(BASE, BASE + 0x10, signature);
	set_leaf(BASE + 0x10, khz, 0, 0, 0);
}

TEST(frequency_from_the_timing_leaf)
{
	timing_leaf("VMwareVMware", 2394229);
	CHECK_EQ(frequency(), 2394229);
	CHECK_STR(source, "VMware CPUID timing leaf");
	timing_leaf("KVMKVMKVM\0\0\0", 3000000);
	CHECK_EQ(frequency(), 3000000);
	CHECK_STR(source, "KVM CPUID timing leaf");
	timing_leaf("ACRNACRNACRN", 1900000);
	CHECK_EQ(frequency(), 1900000);
	CHECK_STR(source, "ACRN CPUID timing leaf");
	timing_leaf("bhyve bhyve ", 1900000);
	CHECK_EQ(frequency(), 0);
	CHECK(!source);
}

/* FreeBSD 15 and later, where KVM has the same. */
TEST(wide_apic_ids_are_used_where_bhyve_offers_them)
{
	virtual_machine();
	set_block(BASE, BASE + 1, "bhyve bhyve ");
	set_leaf(BASE + 1, BIT(1), 0, 0, 0);
	boot();
	CHECK(!virt_has_extended_ids());
	virtual_machine();
	set_block(BASE, BASE + 1, "bhyve bhyve ");
	set_leaf(BASE + 1, BIT(0), 0, 0, 0);
	boot();
	CHECK(virt_has_extended_ids());
	nopv("1");
	CHECK(!virt_has_extended_ids());
	nopv("0");
}

TEST(frequency_from_virtualbox_without_a_name)
{
	timing_leaf("\0\0\0\0\0\0\0\0\0\0\0\0", 2500000);
	say_smbios("innotek GmbH", "VirtualBox");
	CHECK_EQ(frequency(), 2500000);
	CHECK_STR(source, "VirtualBox CPUID timing leaf");
}

TEST(frequency_from_xens_leaf)
{
	virtual_machine();
	set_block(BASE, BASE + 4, "XenVMMXenVMM");
	set_leaf(BASE + 3, 0, 2, 2100000, 0);
	CHECK_EQ(frequency(), 2100000);
	CHECK_STR(source, "Xen CPUID time leaf");
}

static void hyperv(u32 eax, u32 edx)
{
	virtual_machine();
	set_block(BASE, BASE + 6, "Microsoft Hv");
	set_hyperv_interface(BASE);
	set_leaf(BASE + 3, eax, 0, 0, edx);
	msr_result = 0;
	msr_value = 2592000000;
}

TEST(frequency_from_hypervs_register)
{
	hyperv(BIT(11), BIT(8));
	CHECK_EQ(frequency(), 2592000);
	CHECK_STR(source, "Hyper-V TSC frequency register");
	CHECK_EQ(msr_reads, 1);
}

TEST(hypervs_register_is_not_touched_unless_offered)
{
	hyperv(BIT(11), 0);
	CHECK_EQ(frequency(), 0);
	CHECK_EQ(msr_reads, 0);
	hyperv(0, BIT(8));
	CHECK_EQ(frequency(), 0);
	CHECK_EQ(msr_reads, 0);
}

TEST(a_register_that_faults_states_nothing)
{
	hyperv(BIT(11), BIT(8));
	msr_result = -EIO;
	CHECK_EQ(frequency(), 0);
	CHECK_EQ(msr_reads, 1);
	CHECK_STR(text, "");
}

/* The timer's clock, by the same register's neighbour; 1 GHz by KVM. */
TEST(frequency_of_the_local_apic_from_hypervs_register)
{
	const char *from = "";

	hyperv(BIT(11), BIT(8));
	msr_value = 1000000000;
	CHECK_EQ(frequency(), 1000000); /* which detects */
	CHECK_EQ(virt_apic_khz(&from), 1000000);
	CHECK_STR(from, "Hyper-V APIC frequency register");
	msr_value = 0;
	CHECK_EQ(virt_apic_khz(&from), 0);
	CHECK_STR(text, "");
	msr_value = UINT64_MAX;
	CHECK_EQ(virt_apic_khz(&from), 0);
	CHECK(strstr(text, "states a local APIC timer of"));
	msr_value = 999999; /* below 1 MHz */
	CHECK_EQ(virt_apic_khz(&from), 0);
}

TEST(the_primary_is_asked_first_then_the_others)
{
	hyperv(BIT(11), BIT(8));
	set_block(BASE + 0x100, BASE + 0x104, "XenVMMXenVMM");
	set_leaf(BASE + 0x103, 0, 0, 2100000, 0);
	CHECK_EQ(frequency(), 2100000);
	CHECK_EQ(msr_reads, 0);

	hyperv(BIT(11), BIT(8));
	set_block(BASE + 0x100, BASE + 0x101, "KVMKVMKVM\0\0\0");
	CHECK_EQ(frequency(), 2592000);
}

TEST(absurd_frequencies_are_refused_with_one_line)
{
	static const u32 absurd[] = { 1, 99999, 10000001, 0xffffffff };

	for (unsigned i = 0; i < ARRAY_SIZE(absurd); i++) {
		timing_leaf("VMwareVMware", absurd[i]);
		CHECK_EQ(frequency(), 0);
		CHECK(!source);
		CHECK(str_has_prefix(text, "virt: VMware CPUID timing leaf"));
		CHECK(used && strchr(text, '\n') == text + used - 1);
	}
	timing_leaf("VMwareVMware", 100000);
	CHECK_EQ(frequency(), 100000);
	timing_leaf("VMwareVMware", 10000000);
	CHECK_EQ(frequency(), 10000000);
	hyperv(BIT(11), BIT(8));
	msr_value = UINT64_MAX;
	CHECK_EQ(frequency(), 0);
}

TEST(an_absurd_primary_gives_way)
{
	hyperv(BIT(11), BIT(8));
	set_block(BASE + 0x100, BASE + 0x104, "XenVMMXenVMM");
	set_leaf(BASE + 0x103, 0, 0, 5, 0);
	CHECK_EQ(frequency(), 2592000);
	CHECK_STR(source, "Hyper-V TSC frequency register");
}

TEST(nopv_uses_no_frequency)
{
	timing_leaf("VMwareVMware", 2394229);
	nopv("1");
	CHECK_EQ(frequency(), 0);
	nopv("0");
	CHECK_EQ(frequency(), 2394229);
}

static struct virt_feature *tsc_feature(void)
{
	return virt_find_feature(virt_detection()->found[0].hv,
				 VIRT_FEATURE_TSC_FREQUENCY);
}

TEST(a_frequency_is_enabled_once_it_is_used)
{
	timing_leaf("VMwareVMware", 2394229);
	boot();
	CHECK_EQ(tsc_feature()->state, VIRT_OFFERED);
	virt_tsc_khz(&source);
	CHECK_EQ(tsc_feature()->state, VIRT_OFFERED | VIRT_ENABLED);
}

/* The shell's command. */

static int virt(const char *argument)
{
	char *argv[] = { "virt", (char *)argument, NULL };

	clear();
	table_for_each(const struct shell_command, shell, it)
		if (!strcmp((*it)->name, "virt"))
			return (*it)->run(argument ? 2 : 1, argv);
	return -ENOENT;
}

TEST(command_shows_evidence_and_features)
{
	timing_leaf("VMwareVMware", 2394229);
	say_smbios("VMware, Inc.", "VMware7,1");
	strscpy(ev.acpi.oem_id, "PTLTD", sizeof(ev.acpi.oem_id));
	boot();
	virt_tsc_khz(&source);
	CHECK_EQ(virt(NULL), 0);
	CHECK(strstr(text, "Hypervisor: VMware\n"));
	CHECK(strstr(text, "  * VMware "));
	CHECK(strstr(text,
		     "0x40000000  \"VMwareVMware\", leaves to 0x40000010"));
	CHECK(strstr(text, "\"VMware, Inc.\" \"VMware7,1\""));
	CHECK(strstr(text, "PTLTD"));
	CHECK(strstr(text, "tsc-frequency                  yes      yes      "
			   "no\n"));
	CHECK(strstr(text, "vmcall                         no       -        "
			   "-\n"));
	tsc_feature()->state |= VIRT_VERIFIED;
	virt(NULL);
	CHECK(strstr(text, "tsc-frequency                  yes      yes      "
			   "yes\n"));
}

TEST(command_on_bare_metal)
{
	bare_metal();
	boot();
	CHECK_EQ(virt(NULL), 0);
	CHECK(str_has_prefix(text, "Hypervisor: None (bare metal)\n"));
}

TEST(command_refuses_other_arguments)
{
	CHECK_EQ(virt("--xml"), -EINVAL);
	CHECK_EQ(used, 0);
}

TEST(json_is_one_document_whatever_was_found)
{
	bare_metal();
	boot();
	CHECK_EQ(virt("--json"), 0);
	CHECK(json_is_document(text));
	CHECK(str_has_prefix(text, "{\"schema\":\"zirvium.virt/1\","
				   "\"virtualized\":false,\"name\":\"None\","
				   "\"type\":\"none\","));

	virtual_machine();
	set_block(BASE, BASE + 5, "Microsoft Hv");
	set_hyperv_interface(BASE);
	set_block(KVM_AT, ~0U, "KVMKVMKVM\0\0\0");
	set_block(BASE + 0x200, BASE + 0x2ff, "\"\\\n\x80zzzzzzzz");
	say_smbios("\"QEMU\"", "Standard PC (Q35)");
	boot();
	CHECK_EQ(virt("--json"), 0);
	CHECK(json_is_document(text));
	CHECK(strstr(text, "\"max_claimed\":4294967295"));
	CHECK(strstr(text, "\"type\":\"kvm\",\"primary\":true"));
	CHECK(strstr(text, "\"type\":\"unknown\",\"primary\":false"));
}

TEST(json_tells_the_three_states)
{
	timing_leaf("VMwareVMware", 2394229);
	boot();
	virt("--json");
	CHECK(strstr(text, "\"name\":\"tsc-frequency\",\"kind\":\"paravirt\","
			   "\"offered\":true,\"enabled\":false,"
			   "\"verified\":null"));
	virt_tsc_khz(&source);
	virt("--json");
	CHECK(strstr(text, "\"offered\":true,\"enabled\":true,"
			   "\"verified\":false"));
	CHECK(strstr(text, "\"name\":\"vmcall\",\"kind\":\"paravirt\","
			   "\"offered\":false,\"enabled\":null,"
			   "\"verified\":null"));
}
