noinst_LIBRARIES += libvt-plan.a
libvt_plan_a_SOURCES = \
	src/plan/apply.c src/plan/apply.h \
	src/plan/cause.c src/plan/cause.h \
	src/plan/device-change.c src/plan/device-change.h \
	src/plan/compose.c src/plan/compose.h \
	src/plan/define.c src/plan/define.h \
	src/plan/diff.c src/plan/diff.h \
	src/plan/drift.c src/plan/drift.h \
	src/plan/fault.h \
	src/plan/gate.c src/plan/gate.h \
	src/plan/history.c src/plan/history.h \
	src/plan/live.c src/plan/live.h \
	src/plan/patch.c src/plan/patch.h \
	src/plan/patch-content.c src/plan/patch-content.h \
	src/plan/patch-sel.c src/plan/patch-sel.h \
	src/plan/pending.c src/plan/pending.h \
	src/plan/plan-lint.c src/plan/plan-lint.h \
	src/plan/plan.c src/plan/plan.h \
	src/plan/readback.c src/plan/readback.h \
	src/plan/record.c src/plan/record.h \
	src/plan/revert.c src/plan/revert.h \
	src/plan/seed.c src/plan/seed.h \
	src/plan/store.c src/plan/store.h \
	src/plan/value.c src/plan/value.h \
	src/plan/verify.c src/plan/verify.h
libvt_plan_a_CPPFLAGS = $(AM_CPPFLAGS) -DG_LOG_DOMAIN=\"virt-tune-plan\"
LIBS_PLAN = libvt-plan.a $(LIBS_RULE)

## The same floor with points at which tests make it fail or stop; never installed.
check_LIBRARIES = libvt-plan-fault.a
libvt_plan_fault_a_SOURCES = $(libvt_plan_a_SOURCES) src/plan/fault.c
libvt_plan_fault_a_CPPFLAGS = $(libvt_plan_a_CPPFLAGS) -DVT_FAULT_INJECTION
LIBS_PLAN_FAULT = libvt-plan-fault.a $(LIBS_RULE)
