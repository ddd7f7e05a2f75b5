## Measurements, not tests: `make bench` prints ratios and never fails on a figure.
EXTRA_PROGRAMS += tests/bench/fetch-all
tests_bench_fetch_all_SOURCES = tests/bench/fetch-all.c
tests_bench_fetch_all_LDADD = $(DEPS_LIBS)
CLEANFILES += $(EXTRA_PROGRAMS)
EXTRA_DIST += tests/bench/bench-advise.py

bench: virt-tune tests/bench/fetch-all
	VT_BUILDDIR='$(abs_top_builddir)' VIRT_TUNE_DATADIR='$(abs_top_srcdir)/data' \
		python3 $(srcdir)/tests/bench/bench-advise.py
.PHONY: bench
