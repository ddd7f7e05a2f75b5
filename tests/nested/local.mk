## Tests in a KVM host that is booted for them; skipped, with the reason, where that cannot be.
EXTRA_DIST += tests/nested/init
dist_check_SCRIPTS += tests/nested/check-nested.py
if HAVE_BPF
if HAVE_CMOCKA
NESTED_TESTS = tests/nested/nested-source tests/nested/nested-vmexit
EXTRA_PROGRAMS += $(NESTED_TESTS)
CLEANFILES += $(NESTED_TESTS)
tests_nested_nested_source_SOURCES = tests/nested/nested-source.c tests/vt-test-guest.h tests/vt-test-hist.h
tests_nested_nested_source_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_nested_nested_source_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_nested_nested_source_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
tests_nested_nested_vmexit_SOURCES = tests/nested/nested-vmexit.c tests/vt-test-guest.h tests/vt-test-hist.h
tests_nested_nested_vmexit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_nested_nested_vmexit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_nested_nested_vmexit_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)

check-nested: $(NESTED_TESTS) $(check_PROGRAMS)
	$(MAKE) $(AM_MAKEFLAGS) check TESTS=tests/nested/check-nested.py
endif
endif
.PHONY: check-nested
