## What static analysers say of the sources; see lint.sh.
EXTRA_DIST += .clang-tidy tests/lint/cppcheck.txt tests/lint/lint.sh
lint: $(BUILT_SOURCES)
	$(SHELL) $(srcdir)/tests/lint/lint.sh $(abs_top_srcdir)
lint-quick: $(BUILT_SOURCES)
	$(SHELL) $(srcdir)/tests/lint/lint.sh $(abs_top_srcdir) quick
.PHONY: lint lint-quick
CLEANFILES += lint-clang-tidy.out lint-gcc.out
