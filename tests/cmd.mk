## unit tests of src/cmd
TESTS_CMD =
UNIT_TESTS += $(TESTS_CMD)

dist_check_SCRIPTS += tests/run-golden.sh tests/test-bundle-replay.sh tests/test-cli.sh tests/test-completion.sh tests/test-emit.sh tests/test-import-memory.py tests/test-lint.sh tests/test-po.sh tests/test-progress-line.py
EXTRA_DIST += tests/golden tests/lint tests/tap.sh
dist_check_SCRIPTS += tests/test-completion-bash.py tests/test-completion-zsh.py
TESTS += tests/test-completion-bash.py tests/test-completion-zsh.py
EXTRA_DIST += tests/completion_shell.py
dist_check_SCRIPTS += tests/test-analysers.sh tests/test-arm64.py tests/test-bootstrap.sh tests/test-fuzz.sh
TESTS += tests/test-analysers.sh tests/test-arm64.py tests/test-bootstrap.sh tests/test-fuzz.sh
dist_check_SCRIPTS += tests/test-man-options.py
TESTS += tests/test-man-options.py
TESTS += tests/run-golden.sh tests/test-bundle-replay.sh tests/test-cli.sh tests/test-completion.sh tests/test-emit.sh tests/test-import-memory.py tests/test-lint.sh tests/test-po.sh tests/test-progress-line.py
## Preloaded by test-progress-line.
check_DATA = tests/hold-calls.so
tests/hold-calls.so: tests/hold-calls.c
	$(AM_V_CC)$(MKDIR_P) tests && $(CC) -O2 -D_GNU_SOURCE -shared -fPIC -o $@ $(srcdir)/tests/hold-calls.c
CLEANFILES += tests/hold-calls.so
EXTRA_DIST += tests/hold-calls.c

## Part of distcheck, too.
installcheck-local:
	DESTDIR='$(DESTDIR)' bindir='$(DESTDIR)$(bindir)' pkgdatadir='$(DESTDIR)$(pkgdatadir)' mandir='$(DESTDIR)$(mandir)' \
	localedir='$(DESTDIR)$(localedir)' completionsdir='$(DESTDIR)$(bashcompletiondir)' rules='$(VT_RULES)' \
	schemas='$(dist_schemas_DATA)' pages='$(dist_man_MANS)' languages="`test '$(USE_NLS)' = no || tr '\n' ' ' <$(srcdir)/po/LINGUAS`" \
	$(SHELL) $(srcdir)/tests/installcheck.sh
EXTRA_DIST += tests/installcheck.sh
