/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UEFI 2.10: what an application calls before it leaves boot services, as
 * little-endian 64-bit machines have it. Fields that nobody uses are words.
 */
#pragma once

#include <abi/efi.h>

typedef u64 efi_status;
typedef void *efi_handle;

#define EFI_SUCCESS	      0ULL
#define EFI_LOAD_ERROR	      0x8000000000000001ULL
#define EFI_INVALID_PARAMETER 0x8000000000000002ULL
#define EFI_BUFFER_TOO_SMALL  0x8000000000000005ULL
#define EFI_NOT_FOUND	      0x800000000000000eULL

/* 7.2: memory types. */
enum efi_memory_type {
	EFI_RESERVED_MEMORY,
	EFI_LOADER_CODE,
	EFI_LOADER_DATA,
	EFI_BOOT_SERVICES_CODE,
	EFI_BOOT_SERVICES_DATA,
	EFI_RUNTIME_SERVICES_CODE,
	EFI_RUNTIME_SERVICES_DATA,
	EFI_CONVENTIONAL_MEMORY,
	EFI_UNUSABLE_MEMORY,
	EFI_ACPI_RECLAIM_MEMORY,
	EFI_ACPI_MEMORY_NVS,
	EFI_MEMORY_MAPPED_IO,
	EFI_MEMORY_MAPPED_IO_PORTS,
	EFI_PAL_CODE,
	EFI_PERSISTENT_MEMORY,
};

#define EFI_MEMORY_WB  0x8ULL
#define EFI_PAGE_SHIFT 12

#define EFI_ALLOCATE_ANY_PAGES 0 /* 7.2.1 */

/* 7.2.3; firmware says how long its own are. */
struct efi_memory_descriptor {
	u32 type;
	u32 padding;
	u64 physical_start;
	u64 virtual_start;
	u64 number_of_pages;
	u64 attribute;
};
_Static_assert(sizeof(struct efi_memory_descriptor) == 40, "UEFI 7.2.3");

/* 10.2 */
struct efi_device_path {
	u8 type;
	u8 subtype;
	u8 length[2]; /* little-endian, with these four bytes */
};
_Static_assert(sizeof(struct efi_device_path) == 4, "UEFI 10.2");

#define EFI_PATH_END	      0x7f
#define EFI_PATH_END_ENTIRE   0xff
#define EFI_PATH_MEDIA	      0x04
#define EFI_PATH_MEDIA_VENDOR 0x03

/* 10.3.5.3 */
struct efi_vendor_path {
	struct efi_device_path header;
	struct efi_guid guid;
	struct efi_device_path end;
};
_Static_assert(sizeof(struct efi_vendor_path) == 24, "UEFI 10.3.5.3");

/* 4.4 */
struct efi_boot_services {
	struct efi_table_header header;
	u64 tpl[2];
	efi_status (*allocate_pages)(u32 how, u32 type, u64 pages,
				     u64 *address);
	efi_status (*free_pages)(u64 address, u64 pages);
	efi_status (*get_memory_map)(u64 *size, void *map, u64 *key,
				     u64 *descriptor_size, u32 *version);
	efi_status (*allocate_pool)(u32 type, u64 size, void **buffer);
	efi_status (*free_pool)(void *buffer);
	u64 events[6];
	u64 protocol[3];
	efi_status (*handle_protocol)(efi_handle handle,
				      const struct efi_guid *protocol,
				      void **interface);
	u64 reserved;
	u64 handles[2];
	efi_status (*locate_device_path)(const struct efi_guid *protocol,
					 const struct efi_device_path **path,
					 efi_handle *handle);
	u64 install;
	u64 image[4];
	efi_status (*exit_boot_services)(efi_handle image, u64 key);
	u64 misc[3];
	u64 connect[2];
	u64 open[3];
	u64 locate[2];
	efi_status (*locate_protocol)(const struct efi_guid *protocol,
				      void *registration, void **interface);
};
_Static_assert(offsetof(struct efi_boot_services, get_memory_map) == 56,
	       "UEFI 4.4");
_Static_assert(offsetof(struct efi_boot_services, handle_protocol) == 152,
	       "UEFI 4.4");
_Static_assert(offsetof(struct efi_boot_services, locate_device_path) == 184,
	       "UEFI 4.4");
_Static_assert(offsetof(struct efi_boot_services, exit_boot_services) == 232,
	       "UEFI 4.4");
_Static_assert(offsetof(struct efi_boot_services, locate_protocol) == 320,
	       "UEFI 4.4");

/* 8.3 */
struct efi_time {
	u16 year;
	u8 month, day, hour, minute, second;
	u8 padding1;
	u32 nanosecond;
	s16 zone; /* minutes: UTC is local time with it; EFI_ZONE_NONE: as is */
	u8 daylight;
	u8 padding2;
};
_Static_assert(sizeof(struct efi_time) == 16, "UEFI 8.3");
#define EFI_ZONE_NONE 0x7ff

/* 4.5 */
struct efi_runtime_services {
	struct efi_table_header header;
	efi_status (*get_time)(struct efi_time *time, void *capabilities);
};
_Static_assert(offsetof(struct efi_runtime_services, get_time) == 24,
	       "UEFI 4.5");

/* 12.4 */
struct efi_text_output {
	u64 reset;
	efi_status (*output_string)(struct efi_text_output *self,
				    const u16 *text);
};

/* 9.1.1 */
struct efi_loaded_image {
	u32 revision;
	efi_handle parent_handle;
	u64 system_table;
	efi_handle device_handle;
	u64 file_path;
	u64 reserved;
	u32 load_options_size;
	const u16 *load_options;
};
_Static_assert(offsetof(struct efi_loaded_image, load_options) == 56,
	       "UEFI 9.1.1");

/* 13.5 */
#define EFI_FILE_MODE_READ 1ULL
struct efi_file {
	u64 revision;
	efi_status (*open)(struct efi_file *self, struct efi_file **file,
			   const u16 *name, u64 mode, u64 attributes);
	efi_status (*close)(struct efi_file *self);
	u64 delete;
	efi_status (*read)(struct efi_file *self, u64 *size, void *buffer);
	u64 write;
	efi_status (*get_position)(struct efi_file *self, u64 *position);
	efi_status (*set_position)(struct efi_file *self, u64 position);
};
#define EFI_FILE_END UINT64_MAX /* as a position */

/* 13.2 */
struct efi_load_file2 {
	efi_status (*load_file)(struct efi_load_file2 *self,
				const struct efi_device_path *path, u8 boot,
				u64 *size, void *buffer);
};

/* 13.4 */
struct efi_file_system {
	u64 revision;
	efi_status (*open_volume)(struct efi_file_system *self,
				  struct efi_file **root);
};

/* 12.9.2 */
enum efi_pixel_format {
	EFI_PIXEL_RGBX,
	EFI_PIXEL_BGRX,
	EFI_PIXEL_BITMASK,
	EFI_PIXEL_BLT_ONLY,
};

struct efi_graphics_info {
	u32 version;
	u32 horizontal_resolution;
	u32 vertical_resolution;
	u32 pixel_format;
	u32 pixel_mask[4]; /* red, green, blue, reserved */
	u32 pixels_per_scan_line;
};

struct efi_graphics_mode {
	u32 max_mode;
	u32 mode;
	const struct efi_graphics_info *info;
	u64 size_of_info;
	u64 frame_buffer_base;
	u64 frame_buffer_size;
};

struct efi_graphics {
	u64 query_mode, set_mode, blt;
	const struct efi_graphics_mode *mode;
};

#define EFI_GUID(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7)               \
 {                                                                      \
  {                                                                     \
   (a) & 0xff, (a) >> 8 & 0xff, (a) >> 16 & 0xff, (a) >> 24, (b)&0xff,  \
	   (b) >> 8, (c)&0xff, (c) >> 8, d0, d1, d2, d3, d4, d5, d6, d7 \
  }                                                                     \
 }

#define EFI_LOADED_IMAGE_GUID                                             \
 EFI_GUID(0x5b1b31a1, 0x9562, 0x11d2, 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, \
	  0x72, 0x3b)
#define EFI_FILE_SYSTEM_GUID                                              \
 EFI_GUID(0x964e5b22, 0x6459, 0x11d2, 0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, \
	  0x72, 0x3b)
#define EFI_GRAPHICS_GUID                                                 \
 EFI_GUID(0x9042a9de, 0x23dc, 0x4a38, 0x96, 0xfb, 0x7a, 0xde, 0xd0, 0x80, \
	  0x51, 0x6a)
#define EFI_LOAD_FILE2_GUID                                               \
 EFI_GUID(0x4006c0c1, 0xfcb3, 0x403e, 0x99, 0x6d, 0x4a, 0x6c, 0x87, 0x24, \
	  0xe0, 0x6d)
/* The vendor path behind which a loader has an initrd (Linux, EFI stub). */
#define EFI_INITRD_MEDIA_GUID                                             \
 EFI_GUID(0x5568e427, 0x68fc, 0x4f3d, 0xac, 0x74, 0xca, 0x55, 0x52, 0x31, \
	  0xcc, 0x68)
/* 4.6: configuration tables. */
#define EFI_ACPI_20_GUID                                                  \
 EFI_GUID(0x8868e871, 0xe4f1, 0x11d3, 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, \
	  0x88, 0x81)
#define EFI_DTB_GUID                                                      \
 EFI_GUID(0xb1b621d5, 0xf19c, 0x41a5, 0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, \
	  0xaa, 0xe0)
