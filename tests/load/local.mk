## Load: what many domains and many windows do. A small fleet is a test, check-load is the whole of it.
LOAD_TESTS = tests/load/load-fleet.py
TESTS += $(LOAD_TESTS)
dist_check_SCRIPTS += $(LOAD_TESTS)
check_DATA += tests/load/count-calls.so
tests/load/count-calls.so: tests/load/count-calls.c
	$(AM_V_CC)$(MKDIR_P) tests/load && $(CC) -O2 -fno-builtin -shared -fPIC -o $@ $(srcdir)/tests/load/count-calls.c
CLEANFILES += tests/load/count-calls.so
EXTRA_DIST += tests/load/count-calls.c tests/load/load-domains.py tests/load/load-rounds.py

check-load: $(check_PROGRAMS) $(check_DATA)
	VT_LOAD_SIZES='1000 10000' $(MAKE) $(AM_MAKEFLAGS) check VERBOSE=1 \
		TESTS='$(LOAD_TESTS) tests/load/load-domains.py tests/load/load-rounds.py'
.PHONY: check-load
