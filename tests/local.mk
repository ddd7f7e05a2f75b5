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

EXTRA_DIST += tests/run-cmocka tests/valgrind.supp tests/vt-test-leaks.h tests/vt-test.h

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

## Unit tests and whole commands without KVM: what the sanitizer build and the build without options run. The property
## test takes a quarter of its domains there.
check-unit: $(check_PROGRAMS)
	VT_FAST=1 $(MAKE) $(AM_MAKEFLAGS) check TESTS='$(UNIT_TESTS) tests/run-golden.sh tests/test-cli.sh'
.PHONY: check-unit

## Under valgrind: unit tests, whole commands and the kept inputs of the fuzzer. BPF programs are tested elsewhere, since
## valgrind does not know bpf(2). What it says is in tests/valgrind, a file a process, away from what the program prints.
VALGRIND = valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite \
	--log-file=$(abs_top_builddir)/tests/valgrind/%p --suppressions=$(abs_top_srcdir)/tests/valgrind.supp
VALGRIND_NOT = tests/test-bpf-meter tests/test-source-bpf tests/test-vmexit
VALGRIND_COMMANDS = tests/run-golden.sh tests/test-cli.sh tests/test-bundle-replay.sh tests/fuzz/replay.sh
check-valgrind: $(check_PROGRAMS)
	rm -rf tests/valgrind && $(MKDIR_P) tests/valgrind
	VT_FAST=1 VT_WRAPPER="$(VALGRIND)" $(MAKE) $(AM_MAKEFLAGS) check \
		TESTS="`for t in $(UNIT_TESTS); do case ' $(VALGRIND_NOT) ' in *" $$t "*) ;; *) echo $$t ;; esac; done | tr '\n' ' '` \
			$(VALGRIND_COMMANDS)"
.PHONY: check-valgrind
include $(top_srcdir)/tests/bench/local.mk
include $(top_srcdir)/tests/chromium/local.mk
include $(top_srcdir)/tests/e2e/local.mk
include $(top_srcdir)/tests/fuzz/local.mk
include $(top_srcdir)/tests/lint/local.mk
include $(top_srcdir)/tests/load/local.mk
