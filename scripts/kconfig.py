#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Configure Zirvium with Kconfiglib.

usage: kconfig.py [--quiet] TARGET
       kconfig.py sync DIR

TARGET is menuconfig, defconfig, <name>_defconfig, olddefconfig, savedefconfig,
allnoconfig or allyesconfig. `sync` brings what the build reads in line
with .config:

  DIR/generated/autoconf.h   the options as C macros
  DIR/config/auto.conf       the options as make variables
  DIR/config/auto.conf.d     the Kconfig files they were read from
  DIR/config/<OPTION>        touched whenever the option's value changes

Whatever Kconfiglib would only warn about is an error here.
"""

import os
import pathlib
import sys

try:
    import kconfiglib
except ImportError:
    sys.exit("error: Kconfiglib is missing: `make deps` installs Debian's "
             "package python3-kconfiglib")

CONFIG = os.environ.get("KCONFIG_CONFIG", ".config")
SRCARCH = os.environ.setdefault("SRCARCH", "x86")
CONFIG_DIR = pathlib.Path("arch", SRCARCH, "configs")


def stop_on_warnings(kconf):
    for warning in kconf.warnings:
        print("error:", warning.replace("warning: ", "", 1), file=sys.stderr)
    if kconf.warnings:
        sys.exit(1)


def load_kconfig():
    os.environ["KCONFIG_WARN_UNDEF"] = "y"
    try:
        kconf = kconfiglib.Kconfig("Kconfig", warn_to_stderr=False)
    except kconfiglib.KconfigError as e:
        sys.exit(f"error: {str(e).strip()}")
    kconf.warn_assign_undef = True
    kconf.warn_assign_override = True
    kconf.warn_assign_redun = True
    stop_on_warnings(kconf)
    return kconf


def load_config(kconf, path):
    try:
        kconf.load_config(str(path))
    except OSError as e:
        sys.exit(f"error: cannot read {path}: {e.strerror}")
    stop_on_warnings(kconf)


def check_taken(kconf, path):
    """An assignment in a defconfig that had no effect is a mistake in it."""
    bad = [sym for sym in kconf.unique_defined_syms
           if sym.user_value is not None
           and sym.str_value != user_str_value(sym)]
    for sym in bad:
        print(f"error: {path}: CONFIG_{sym.name} is set to "
              f"{user_str_value(sym)} but becomes {sym.str_value or 'n'}: "
              "look at what it depends on", file=sys.stderr)
    if bad:
        sys.exit(1)


def user_str_value(sym):
    if sym.type in (kconfiglib.BOOL, kconfiglib.TRISTATE):
        return kconfiglib.TRI_TO_STR[sym.user_value]
    return sym.user_value


def write_config(kconf, quiet):
    pathlib.Path(CONFIG).parent.mkdir(parents=True, exist_ok=True)
    message = kconf.write_config(CONFIG)
    stop_on_warnings(kconf)
    if not quiet:
        print(message)


def set_all(kconf, value):
    for sym in kconf.unique_defined_syms:
        if sym.type in (kconfiglib.BOOL, kconfiglib.TRISTATE):
            wanted = 2 if value or sym.is_allnoconfig_y else 0
            if not sym.choice:
                sym.set_value(wanted)
    for choice in kconf.unique_choices:
        choice.set_value(2 if value else 0)
    # Values that a dependency forbids are the point here, not a mistake.
    kconf.warnings.clear()


def change(kconf, target, quiet):
    if target == "defconfig" or target.endswith("_defconfig"):
        path = CONFIG_DIR / target
        if not path.exists():
            names = sorted(p.name for p in CONFIG_DIR.glob("*defconfig"))
            sys.exit(f"error: no {path}; there are: {' '.join(names)}")
        load_config(kconf, path)
        check_taken(kconf, path)
    elif target == "olddefconfig":
        load_config(kconf, CONFIG)
    elif target in ("allnoconfig", "allyesconfig"):
        set_all(kconf, target == "allyesconfig")
    else:
        sys.exit(f"error: unknown target {target}")
    write_config(kconf, quiet)


def menuconfig(kconf):
    import menuconfig as menu
    if os.path.exists(CONFIG):
        load_config(kconf, CONFIG)
    menu.menuconfig(kconf)
    stop_on_warnings(kconf)


def savedefconfig(kconf):
    load_config(kconf, CONFIG)
    print(kconf.write_min_config("defconfig"))


def read_auto_conf(path):
    if not path.exists():
        return {}
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


def auto_conf_values(kconf):
    """The options as make sees them: no entry for n."""
    values = {}
    for sym in kconf.unique_defined_syms:
        if sym.config_string and not sym.config_string.startswith("#"):
            name, value = sym.config_string.rstrip("\n").split("=", 1)
            values[name] = value
    return values


def write_if_changed(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def sync(kconf, directory):
    generated = directory / "generated"
    stamps = directory / "config"
    generated.mkdir(parents=True, exist_ok=True)
    stamps.mkdir(parents=True, exist_ok=True)

    load_config(kconf, CONFIG)
    kconf.write_config(CONFIG)
    kconf.write_autoconf(str(generated / "autoconf.h"))
    stop_on_warnings(kconf)

    auto_conf = stamps / "auto.conf"
    old, new = read_auto_conf(auto_conf), auto_conf_values(kconf)
    for name in old.keys() | new.keys():
        if old.get(name) != new.get(name):
            (stamps / name.removeprefix("CONFIG_")).touch()
    write_if_changed(stamps / "auto.conf.d",
                     f"kconfig-files := {' '.join(kconf.kconfig_filenames)}\n"
                     f"{auto_conf}: $(kconfig-files)\n$(kconfig-files):\n")
    # Written last: its date says that all of the above is done.
    auto_conf.write_text("".join(f"{name}={value}\n"
                                 for name, value in sorted(new.items())))


def main(args):
    quiet = args[:1] == ["--quiet"]
    if quiet:
        args = args[1:]
    if len(args) != (2 if args[:1] == ["sync"] else 1):
        sys.exit(__doc__)
    kconf = load_kconfig()
    actions = {"menuconfig": menuconfig, "savedefconfig": savedefconfig}
    if args[0] == "sync":
        sync(kconf, pathlib.Path(args[1]))
    elif args[0] in actions:
        actions[args[0]](kconf)
    else:
        change(kconf, args[0], quiet)


if __name__ == "__main__":
    main(sys.argv[1:])
