# SPDX-License-Identifier: BSD-2-Clause
"""Configuration: every target, and every mistake is an error."""

import pytest


def config(project):
    return (project.path / ".config").read_text()


def test_missing_configuration_is_made_and_said(project):
    done = project.make()
    assert done.returncode == 0
    assert "using the default configuration" in done.stdout.splitlines()[0]
    assert "CONFIG_SIZE=3" in config(project)


@pytest.mark.parametrize("target,colour", [
    ("defconfig", False), ("colour_defconfig", True),
    ("allyesconfig", True), ("allnoconfig", False),
])
def test_configuration_targets(project, target, colour):
    assert project.make(target).returncode == 0
    assert ("CONFIG_COLOUR=y" in config(project)) == colour
    assert ("CONFIG_PAINT=y" in config(project)) == (target == "allyesconfig")


def test_olddefconfig_keeps_values_and_adds_new_options(project):
    project.write(".config", "CONFIG_SIZE=5\n")
    assert project.make("olddefconfig").returncode == 0
    assert "CONFIG_SIZE=5" in config(project)
    assert "# CONFIG_COLOUR is not set" in config(project)


def test_savedefconfig_writes_what_differs(project):
    project.write(".config", "CONFIG_COLOUR=y\nCONFIG_SIZE=3\n")
    assert project.make("savedefconfig").returncode == 0
    assert (project.path / "defconfig").read_text() == "CONFIG_COLOUR=y\n"


def test_another_configuration_file(project):
    project.write("other", "CONFIG_SIZE=7\n")
    assert project.make("KCONFIG_CONFIG=other").returncode == 0
    assert not (project.path / ".config").exists()
    assert b"SIZE 7" in project.output("include/generated/autoconf.h")


@pytest.mark.parametrize("line,said", [
    ("CONFIG_NOTHING=y", "undefined symbol NOTHING"),
    ("CONFIG_SIZE=10", "SIZE"),
    ("CONFIG_SIZE=x", "SIZE"),
    ("CONFIG_COLOUR=maybe", "COLOUR"),
    ("COLOUR=y", "COLOUR"),
    ("CONFIG_COLOUR=y\nCONFIG_COLOUR=n", "COLOUR"),
])
@pytest.mark.parametrize("target", ["all", "olddefconfig", "bad_defconfig"])
def test_bad_assignment_is_an_error(project, target, line, said):
    project.write(".config", line + "\n")
    project.write("arch/x86/configs/bad_defconfig", line + "\n")
    output = project.fails(target)
    assert "error: " in output and said in output


@pytest.mark.parametrize("text,said", [
    ('config A\n\tbool "A"\n\tdepends on NOWHERE\n', "NOWHERE"),
    ('config A\n\tbool "A"\n\tselect SIZE\n', "SIZE"),
    ('config A\n\tint "A"\n\trange 1 3\n\tdefault 7\n', "A"),
    ("config A\n\tbool\n\tdefault maybe\n", "maybe"),
    ("nonsense\n", "nonsense"),
])
def test_bad_kconfig_is_an_error(project, text, said):
    project.append("Kconfig", text)
    output = project.fails("defconfig")
    assert said in output
    assert "Traceback" not in output


def test_defconfig_line_without_effect_is_an_error(project):
    project.write("arch/x86/configs/bad_defconfig", "CONFIG_PAINT=y\n")
    assert "CONFIG_PAINT is set to y but becomes n" in \
        project.fails("bad_defconfig")


def test_unknown_defconfig_names_those_there_are(project):
    assert "colour_defconfig" in project.fails("green_defconfig")
