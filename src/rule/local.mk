noinst_LIBRARIES += libvt-rule.a
libvt_rule_a_SOURCES = \
	src/rule/policy.c src/rule/policy.h \
	src/rule/policy-waiver.c src/rule/policy-waiver.h \
	src/rule/rule.c src/rule/rule.h \
	src/rule/rule-cond.c src/rule/rule-cond.h src/rule/rule-cond-private.h \
	src/rule/rule-cond-fact.c \
	src/rule/rule-cond-measured.c \
	src/rule/rule-cond-own.c \
	src/rule/rule-cond-rule.c \
	src/rule/rule-lint.c src/rule/rule-lint.h \
	src/rule/rule-load.c src/rule/rule-load.h src/rule/rule-load-private.h \
	src/rule/rule-load-change.c \
	src/rule/rule-load-dir.c \
	src/rule/rule-load-part.c \
	src/rule/rule-match.c src/rule/rule-match.h \
	src/rule/rule-measure.c src/rule/rule-measure.h \
	src/rule/rule-verdict.c src/rule/rule-verdict.h
libvt_rule_a_CPPFLAGS = $(AM_CPPFLAGS) -DG_LOG_DOMAIN=\"virt-tune-rule\"
LIBS_RULE = libvt-rule.a $(LIBS_SOURCE)
