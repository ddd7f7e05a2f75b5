noinst_LIBRARIES += libvt-report.a
libvt_report_a_SOURCES = \
	src/report/bars.c src/report/bars.h \
	src/report/explain.c src/report/explain.h \
	src/report/fitted.c src/report/fitted.h \
	src/report/html.c src/report/html.h \
	src/report/html-page.c src/report/html-page.h \
	src/report/json-write.c src/report/json-write.h \
	src/report/profile-csv.c src/report/profile-csv.h \
	src/report/profile-table.c src/report/profile-table.h \
	src/report/report.c src/report/report.h \
	src/report/report-advice.c src/report/report-advice.h \
	src/report/report-advice-words.c src/report/report-advice-words.h \
	src/report/report-chart.c src/report/report-chart.h \
	src/report/report-compare.c src/report/report-compare.h \
	src/report/report-compare-html.c \
	src/report/report-compare-json.c \
	src/report/report-compare-text.c \
	src/report/report-csv.c \
	src/report/report-fleet.c src/report/report-fleet.h \
	src/report/report-html.c \
	src/report/report-html-domain.c src/report/report-html-domain.h \
	src/report/report-html-figures.c src/report/report-html-figures.h \
	src/report/report-html-finding.c src/report/report-html-finding.h \
	src/report/report-html-sample.c src/report/report-html-sample.h \
	src/report/report-json.c \
	src/report/report-page.c src/report/report-page.h \
	src/report/report-rank.c src/report/report-rank.h \
	src/report/report-section.c src/report/report-section.h \
	src/report/report-shell.c \
	src/report/report-text.c \
	src/report/report-words.c src/report/report-words.h \
	src/report/shell-command.c src/report/shell-command.h \
	src/report/table.c src/report/table.h \
	src/report/top-layout.c src/report/top-layout.h \
	src/report/top-view.c src/report/top-view.h \
	src/report/vcpu-table.c src/report/vcpu-table.h
if HAVE_NCURSES
libvt_report_a_SOURCES += src/report/top-screen.c src/report/top-screen.h
endif
libvt_report_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_builddir)/src -DG_LOG_DOMAIN=\"virt-tune-report\"
LIBS_REPORT = libvt-report.a $(LIBS_PLAN) $(NCURSES_LIBS)

## The style sheet as a string.
nodist_libvt_report_a_SOURCES = src/report/html-page-style.h
## BUILT_SOURCES serve `make all` only; this serves every other target.
src/report/libvt_report_a-html-page.$(OBJEXT): src/report/html-page-style.h

src/report/html-page-style.h: $(srcdir)/src/report/html-page.css
	$(AM_V_GEN)$(MKDIR_P) src/report && \
	{ echo 'static const char vt_html_page_style[] ='; \
	sed -e 's/[\\"]/\\&/g' -e 's/^ *//' -e 's/.*/"&\\n"/' $(srcdir)/src/report/html-page.css; echo ';'; } >$@.tmp && \
	mv $@.tmp $@
BUILT_SOURCES += src/report/html-page-style.h
CLEANFILES += src/report/html-page-style.h
EXTRA_DIST += src/report/html-page.css
