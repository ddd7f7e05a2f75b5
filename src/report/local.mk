noinst_LIBRARIES += libvt-report.a
libvt_report_a_SOURCES = \
	src/report/explain.c src/report/explain.h \
	src/report/profile-table.c src/report/profile-table.h \
	src/report/report.c src/report/report.h \
	src/report/report-advice.c src/report/report-advice.h \
	src/report/report-advice-words.c src/report/report-advice-words.h \
	src/report/report-fleet.c src/report/report-fleet.h \
	src/report/report-json.c \
	src/report/report-page.c src/report/report-page.h \
	src/report/report-rank.c src/report/report-rank.h \
	src/report/report-section.c src/report/report-section.h \
	src/report/report-text.c \
	src/report/report-words.c src/report/report-words.h \
	src/report/table.c src/report/table.h
libvt_report_a_CPPFLAGS = $(AM_CPPFLAGS) -DG_LOG_DOMAIN=\"virt-tune-report\"
LIBS_REPORT = libvt-report.a $(LIBS_PLAN)
