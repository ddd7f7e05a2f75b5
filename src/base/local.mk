noinst_LIBRARIES += libvt-base.a
libvt_base_a_SOURCES = \
	src/base/clock.c src/base/clock.h \
	src/base/cpus.c src/base/cpus.h \
	src/base/csv.c src/base/csv.h \
	src/base/durable.c src/base/durable.h \
	src/base/error.c src/base/error.h \
	src/base/file.c src/base/file.h \
	src/base/json.c src/base/json.h \
	src/base/json-lex.c src/base/json-lex.h \
	src/base/key-file.c src/base/key-file.h \
	src/base/outfile.c src/base/outfile.h \
	src/base/progress.c src/base/progress.h \
	src/base/rng-names.c src/base/rng-names.h \
	src/base/root.c src/base/root.h \
	src/base/sort.c src/base/sort.h \
	src/base/term.c src/base/term.h \
	src/base/text.c src/base/text.h \
	src/base/tri.h \
	src/base/version.c src/base/version.h \
	src/base/virt.c src/base/virt.h \
	src/base/xml.c src/base/xml.h \
	src/base/xpath-name.c \
	src/base/xpath.c src/base/xpath.h
libvt_base_a_CPPFLAGS = $(AM_CPPFLAGS) -DG_LOG_DOMAIN=\"virt-tune-base\"
LIBS_BASE = libvt-base.a $(DEPS_LIBS)
