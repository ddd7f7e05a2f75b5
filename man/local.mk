## Manual pages are reStructuredText; a release carries them built, so that installing it needs no docutils.
MAN_RST = man/virt-tune.1.rst man/virt-tune.conf.5.rst man/virt-tune-profile.5.rst man/virt-tune-rule.5.rst
EXTRA_DIST += $(MAN_RST)
if BUILD_MAN
dist_man_MANS += $(MAN_RST:.rst=)
endif

SUFFIXES = .1.rst .1 .5.rst .5
.1.rst.1:
	$(AM_V_GEN)$(MKDIR_P) man && $(RST2MAN) --strict $< $@.tmp && mv $@.tmp $@
.5.rst.5:
	$(AM_V_GEN)$(MKDIR_P) man && $(RST2MAN) --strict $< $@.tmp && mv $@.tmp $@
