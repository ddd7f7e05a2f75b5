TEST_EXTENSIONS = .sh .py
TAP_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(TAP_DRIVER)
LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/run-cmocka
SH_LOG_DRIVER = $(TAP_DRIVER)
PY_LOG_DRIVER = $(TAP_DRIVER)
## A test sees the sources and the build, never the user's home, configuration or libvirtd.
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	VT_SRCDIR='$(abs_top_srcdir)'; export VT_SRCDIR; \
	VT_BUILDDIR='$(abs_top_builddir)'; export VT_BUILDDIR; \
	VIRT_TUNE_DATADIR='$(abs_top_srcdir)/data'; export VIRT_TUNE_DATADIR; \
	LC_ALL=C.UTF-8; export LC_ALL; unset LANGUAGE; \
	HOME='$(abs_top_builddir)/tests/home'; export HOME; \
	XDG_CONFIG_HOME='$(abs_top_builddir)/tests/home/config'; export XDG_CONFIG_HOME; \
	VIRT_TUNE_CONFDIR='$(abs_top_builddir)/tests/home/etc'; export VIRT_TUNE_CONFDIR; \
	XDG_STATE_HOME='$(abs_top_builddir)/tests/home/state'; export XDG_STATE_HOME; \
	unset LIBVIRT_DEFAULT_URI VIRSH_DEFAULT_CONNECT_URI; \
	G_SLICE=always-malloc; export G_SLICE; \
	$(MKDIR_P) '$(abs_top_builddir)/tests/home';

clean-local:
	rm -rf tests/home tests/valgrind

EXTRA_DIST += tests/run-cmocka tests/valgrind.sh tests/valgrind.supp tests/vt-test-leaks.h tests/vt-test.h

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
UNIT_TESTS =

include $(top_srcdir)/tests/base.mk
include $(top_srcdir)/tests/model.mk
include $(top_srcdir)/tests/source.mk
include $(top_srcdir)/tests/rule.mk
include $(top_srcdir)/tests/plan.mk
include $(top_srcdir)/tests/report.mk
include $(top_srcdir)/tests/cmd.mk
include $(top_srcdir)/tests/nested/local.mk

## What .ci/run tests of the distribution.
DIST_TESTS = $(UNIT_TESTS) $(filter-out tests/e2e/% tests/nested/% tests/chromium/% tests/load/%,$(dist_check_SCRIPTS))

## Unit tests, whole commands without KVM and the kept inputs of the fuzzer: what the sanitizer build and the build without
## options run. The property test takes a quarter of its domains there.
check-unit: $(check_PROGRAMS)
	VT_FAST=1 $(MAKE) $(AM_MAKEFLAGS) check TESTS='$(UNIT_TESTS) tests/run-golden.sh tests/test-cli.sh tests/fuzz/replay.sh'
.PHONY: check-unit

## Under valgrind: unit tests, whole commands and the kept inputs of the fuzzer; it says at its end what it has left out.
check-valgrind: $(check_PROGRAMS)
	+VT_MAKE='$(MAKE)' $(SHELL) $(srcdir)/tests/valgrind.sh $(abs_top_srcdir) $(TESTS)
.PHONY: check-valgrind
include $(top_srcdir)/tests/bench/local.mk
include $(top_srcdir)/tests/chromium/local.mk
include $(top_srcdir)/tests/e2e/local.mk
include $(top_srcdir)/tests/fuzz/local.mk
include $(top_srcdir)/tests/lint/local.mk
include $(top_srcdir)/tests/load/local.mk
