noinst_LIBRARIES += libvt-report.a
libvt_report_a_SOURCES = \
	src/report/report.c src/report/report.h \
	src/report/report-json.c \
	src/report/report-text.c
libvt_report_a_CPPFLAGS = $(AM_CPPFLAGS) -DG_LOG_DOMAIN=\"virt-tune-report\"
LIBS_REPORT = libvt-report.a $(LIBS_PLAN)
