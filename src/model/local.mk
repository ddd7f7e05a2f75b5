noinst_LIBRARIES += libvt-model.a
libvt_model_a_SOURCES = \
	src/model/compare.c src/model/compare.h \
	src/model/cost.c src/model/cost.h \
	src/model/domain.c src/model/domain.h \
	src/model/exit-reason.c src/model/exit-reason.h \
	src/model/finding.c src/model/finding.h \
	src/model/histogram.c src/model/histogram.h \
	src/model/host.c src/model/host-derive.c src/model/host.h \
	src/model/median.c src/model/median.h \
	src/model/metric.c src/model/metric-label.c src/model/metric.h \
	src/model/profile.c src/model/profile.h \
	src/model/profile-vcpu.c src/model/profile-vcpu.h \
	src/model/rank-test.c src/model/rank-test.h \
	src/model/region.c src/model/region.h \
	src/model/profile-fit.c src/model/profile-fit.h \
	src/model/profile-join.c src/model/profile-join.h \
	src/model/profile-last.c src/model/profile-last.h
libvt_model_a_CPPFLAGS = $(AM_CPPFLAGS) -DG_LOG_DOMAIN=\"virt-tune-model\"
LIBS_MODEL = libvt-model.a $(LIBS_BASE)
