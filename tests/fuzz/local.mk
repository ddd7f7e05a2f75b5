## Readers of foreign files under bytes that nobody expected. `make check` replays the kept inputs; `make fuzz` looks for
## new ones, a minute a target (clang).
dist_check_SCRIPTS += tests/fuzz/replay.sh
TESTS += tests/fuzz/replay.sh
check_PROGRAMS += tests/fuzz/fuzz-replay
FUZZ_SOURCES = tests/fuzz/fuzz.c tests/fuzz/fuzz.h tests/fuzz/fuzz-text.c tests/fuzz/fuzz-tree.c
tests_fuzz_fuzz_replay_SOURCES = $(FUZZ_SOURCES)
tests_fuzz_fuzz_replay_CPPFLAGS = $(AM_CPPFLAGS) -DVT_FUZZ_REPLAY
tests_fuzz_fuzz_replay_LDADD = $(LIBS_PLAN)
## Linked by fuzz.sh only, with libFuzzer's main(): it gives VT_FUZZ_LDFLAGS.
EXTRA_PROGRAMS += tests/fuzz/fuzz
CLEANFILES += tests/fuzz/fuzz
tests_fuzz_fuzz_SOURCES = $(FUZZ_SOURCES)
tests_fuzz_fuzz_LDFLAGS = $(AM_LDFLAGS) $(VT_FUZZ_LDFLAGS)
tests_fuzz_fuzz_LDADD = $(LIBS_PLAN)
EXTRA_DIST += tests/fuzz/fuzz.sh tests/fuzz/corpus tests/fuzz/dict

fuzz:
	$(SHELL) $(srcdir)/tests/fuzz/fuzz.sh $(srcdir)
.PHONY: fuzz
