noinst_LIBRARIES += libvt-plan.a
libvt_plan_a_SOURCES = \
	src/plan/diff.c src/plan/diff.h \
	src/plan/patch.c src/plan/patch.h \
	src/plan/patch-content.c src/plan/patch-content.h \
	src/plan/patch-sel.c src/plan/patch-sel.h \
	src/plan/plan.c src/plan/plan.h \
	src/plan/value.c src/plan/value.h
libvt_plan_a_CPPFLAGS = $(AM_CPPFLAGS) -DG_LOG_DOMAIN=\"virt-tune-plan\"
LIBS_PLAN = libvt-plan.a $(LIBS_RULE)
