## Load: what many domains, many windows and a lost connection do. As tests they take small fleets; check-load is the whole.
FLEET_TESTS = tests/load/load-fleet.py
TESTS += $(FLEET_TESTS)
dist_check_SCRIPTS += $(FLEET_TESTS)
check_DATA = tests/load/count-calls.so
tests/load/count-calls.so: tests/load/count-calls.c
	$(AM_V_CC)$(MKDIR_P) tests/load && $(CC) -O2 -fno-builtin -shared -fPIC -o $@ $(srcdir)/tests/load/count-calls.c
CLEANFILES += tests/load/count-calls.so
EXTRA_DIST += tests/load/count-calls.c

check-load: $(check_PROGRAMS) $(check_DATA)
	VT_LOAD_SIZES='1000 10000' $(MAKE) $(AM_MAKEFLAGS) check TESTS='$(FLEET_TESTS)' VERBOSE=1
.PHONY: check-load
