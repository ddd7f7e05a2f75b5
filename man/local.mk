## Manual pages are reStructuredText; a release carries them built, so that installing it needs no docutils.
MAN_RST = man/virt-tune.1.rst man/virt-tune.conf.5.rst man/virt-tune-profile.5.rst man/virt-tune-rule.5.rst
EXTRA_DIST += $(MAN_RST) man/rules-man.py
if BUILD_MAN
dist_man_MANS += $(MAN_RST:.rst=) man/virt-tune-rules.7
endif

SUFFIXES = .1.rst .1 .5.rst .5
.1.rst.1:
	$(AM_V_GEN)$(MKDIR_P) man && $(RST2MAN) --strict $< $@.tmp && mv $@.tmp $@
.5.rst.5:
	$(AM_V_GEN)$(MKDIR_P) man && $(RST2MAN) --strict $< $@.tmp && mv $@.tmp $@

## One section a rule, from the rules themselves. docutils need Python, so it is there where RST2MAN is.
man/virt-tune-rules.7: man/rules-man.py $(VT_RULES)
	$(AM_V_GEN)$(MKDIR_P) man && cd $(srcdir) && python3 -B man/rules-man.py $(VT_RULES) >$(abs_builddir)/$@.rst && \
		cd $(abs_builddir) && $(RST2MAN) --strict $@.rst $@.tmp && mv $@.tmp $@ && rm $@.rst
CLEANFILES += man/virt-tune-rules.7.rst
TESTS += tests/test-man-rules.py
dist_check_SCRIPTS += tests/test-man-rules.py
