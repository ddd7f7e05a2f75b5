## Measurements, not tests: `make bench` prints ratios and never fails on a figure.
EXTRA_PROGRAMS += tests/bench/fetch-all
tests_bench_fetch_all_SOURCES = tests/bench/fetch-all.c
tests_bench_fetch_all_LDADD = $(DEPS_LIBS)
EXTRA_PROGRAMS += tests/bench/match
tests_bench_match_SOURCES = tests/bench/match.c
tests_bench_match_LDADD = $(LIBS_RULE) -lm
CLEANFILES += $(EXTRA_PROGRAMS)
EXTRA_DIST += tests/bench/bench-advise.py

bench: virt-tune tests/bench/fetch-all tests/bench/match
	VIRT_TUNE_DATADIR='$(abs_top_srcdir)/data' tests/bench/match $(srcdir)/tests/rules
	VT_BUILDDIR='$(abs_top_builddir)' VIRT_TUNE_DATADIR='$(abs_top_srcdir)/data' \
		python3 $(srcdir)/tests/bench/bench-advise.py
.PHONY: bench

EXTRA_DIST += tests/bench/bench-sample.py
if HAVE_BPF
EXTRA_PROGRAMS += tests/bench/bpf-load
tests_bench_bpf_load_SOURCES = tests/bench/bpf-load.c
tests_bench_bpf_load_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_builddir)/src
tests_bench_bpf_load_LDADD = $(BPF_LIBS) $(DEPS_LIBS)

bench-sample: virt-tune tests/bench/bpf-load data/demo/guest/guest.rom
	VT_SRCDIR='$(abs_top_srcdir)' VT_BUILDDIR='$(abs_top_builddir)' \
		python3 $(srcdir)/tests/bench/bench-sample.py
endif
.PHONY: bench-sample

EXTRA_DIST += tests/bench/bench-top.py
bench-top: virt-tune data/demo/guest/guest.rom
	VT_SRCDIR='$(abs_top_srcdir)' VT_BUILDDIR='$(abs_top_builddir)' \
		python3 $(srcdir)/tests/bench/bench-top.py
.PHONY: bench-top
