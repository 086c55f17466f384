/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VirtualBox's headless program without its kernel module: the support library
 * is told first that there will be no driver and that instructions are to be
 * interpreted; later initializations keep what the first one chose.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define PLACE "/usr/lib/virtualbox/"

/* iprt's and the support library's names for what is used here. */
#define SUPR3INIT_F_DRIVERLESS		   (1U << 2)
#define SUPR3INIT_F_DRIVERLESS_IEM_ALLOWED (1U << 3)

static void *must(void *found)
{
	if (!found) {
		fprintf(stderr, "virtualbox: %s\n", dlerror());
		exit(EXIT_FAILURE);
	}
	return found;
}

static void must_succeed(const char *what, int status)
{
	if (status < 0) {
		fprintf(stderr, "virtualbox: %s: %d\n", what, status);
		exit(EXIT_FAILURE);
	}
}

int main(int argc, char **argv, char **envp)
{
	void *runtime = must(dlopen(PLACE "VBoxRT.so", RTLD_NOW | RTLD_GLOBAL));
	int (*init_exe)(int, char ***, uint32_t) =
		must(dlsym(runtime, "RTR3InitExe"));
	int (*init_support)(uint32_t, void **) =
		must(dlsym(runtime, "SUPR3InitEx"));
	int (*trusted_main)(int, char **, char **);
	void *session = NULL;

	must_succeed("RTR3InitExe", init_exe(argc, &argv, 0));
	must_succeed("SUPR3InitEx",
		     init_support(SUPR3INIT_F_DRIVERLESS |
					  SUPR3INIT_F_DRIVERLESS_IEM_ALLOWED,
				  &session));
	trusted_main = must(dlsym(must(dlopen(PLACE "VBoxHeadless.so",
					      RTLD_NOW | RTLD_GLOBAL)),
				  "TrustedMain"));
	return trusted_main(argc, argv, envp);
}
