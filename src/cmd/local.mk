noinst_LIBRARIES += libvt-cmd.a
libvt_cmd_a_SOURCES = \
	src/cmd/acquire.c src/cmd/acquire.h \
	src/cmd/acquire-again.c src/cmd/acquire-again.h \
	src/cmd/acquire-rules.c src/cmd/acquire-rules.h \
	src/cmd/acquire-bundle.c src/cmd/acquire-bundle.h \
	src/cmd/acquire-check.c src/cmd/acquire-check.h \
	src/cmd/acquire-devices.c src/cmd/acquire-devices.h \
	src/cmd/cmd.c src/cmd/cmd.h \
	src/cmd/change.c src/cmd/change.h \
	src/cmd/cmd-advise.c \
	src/cmd/apply-choice.c src/cmd/apply-choice.h \
	src/cmd/cmd-apply.c \
	src/cmd/cmd-compare.c \
	src/cmd/cmd-completion.c \
	src/cmd/cmd-explain.c \
	src/cmd/cmd-history.c \
	src/cmd/cmd-host.c \
	src/cmd/cmd-import.c \
	src/cmd/cmd-list.c \
	src/cmd/cmd-revert.c \
	src/cmd/cmd-rules.c \
	src/cmd/cmd-sample.c \
	src/cmd/cmd-top.c \
	src/cmd/cmd-verify.c \
	src/cmd/output.c src/cmd/output.h \
	src/cmd/short-options.c src/cmd/short-options.h \
	src/cmd/top-sampling.c src/cmd/top-sampling.h
libvt_cmd_a_CPPFLAGS = $(AM_CPPFLAGS) -DG_LOG_DOMAIN=\"virt-tune-cmd\"
LIBS_CMD = libvt-cmd.a $(LIBS_REPORT)

bin_PROGRAMS += virt-tune
virt_tune_SOURCES = src/main.c
virt_tune_LDADD = $(LIBS_CMD)

## The completion is what the program says of itself.
bashcompletion_DATA = src/cmd/virt-tune
CLEANFILES += src/cmd/virt-tune
src/cmd/virt-tune: virt-tune $(srcdir)/data/completion.bash.in
	$(AM_V_GEN)VIRT_TUNE_DATADIR='$(srcdir)/data' ./virt-tune$(EXEEXT) completion >$@.tmp && mv $@.tmp $@
