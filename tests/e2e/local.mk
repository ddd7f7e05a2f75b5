## The demo, and end-to-end tests on real KVM, which skip, saying why, where domains cannot be started.
E2E_TESTS = \
	tests/e2e/demo-recorded.py \
	tests/e2e/e2e-advise.py \
	tests/e2e/e2e-apply.py \
	tests/e2e/e2e-bpf.py \
	tests/e2e/e2e-bundle.py \
	tests/e2e/e2e-debugfs.py \
	tests/e2e/e2e-demo.py \
	tests/e2e/e2e-devices.py \
	tests/e2e/e2e-live.py \
	tests/e2e/e2e-pending.py \
	tests/e2e/e2e-rules.py \
	tests/e2e/e2e-top.py \
	tests/e2e/e2e-verify.py
TESTS += $(E2E_TESTS)
## They measure: one after the other, and when nothing else of the tests runs.
E2E_LOGS = $(E2E_TESTS:.py=.log)
$(E2E_LOGS): $(filter-out $(E2E_LOGS),$(TEST_LOGS))
tests/e2e/e2e-apply.log: $(filter tests/e2e/e2e-advise.log,$(TEST_LOGS))
tests/e2e/e2e-bpf.log: $(filter tests/e2e/e2e-apply.log,$(TEST_LOGS))
tests/e2e/e2e-demo.log: $(filter tests/e2e/e2e-bpf.log,$(TEST_LOGS))
tests/e2e/e2e-live.log: $(filter tests/e2e/e2e-demo.log,$(TEST_LOGS))
tests/e2e/e2e-pending.log: $(filter tests/e2e/e2e-live.log,$(TEST_LOGS))
tests/e2e/e2e-rules.log: $(filter tests/e2e/e2e-pending.log,$(TEST_LOGS))
tests/e2e/e2e-top.log: $(filter tests/e2e/e2e-rules.log,$(TEST_LOGS))
tests/e2e/demo-recorded.log: $(filter tests/e2e/e2e-top.log,$(TEST_LOGS))
tests/e2e/e2e-debugfs.log: $(filter tests/e2e/demo-recorded.log,$(TEST_LOGS))
tests/e2e/e2e-devices.log: $(filter tests/e2e/e2e-debugfs.log,$(TEST_LOGS))
tests/e2e/e2e-verify.log: $(filter tests/e2e/e2e-devices.log,$(TEST_LOGS))
dist_check_SCRIPTS += $(E2E_TESTS)
EXTRA_DIST += tests/e2e/e2e.py

## Through a libvirtd of the tests' own: changes, of which nothing is measured, and a restart of it.
DAEMON_TESTS = \
	tests/e2e/e2e-capabilities.py \
	tests/e2e/e2e-fault.py \
	tests/e2e/e2e-hotplug.py \
	tests/e2e/e2e-prompt.py \
	tests/e2e/e2e-race.py \
	tests/e2e/e2e-restart.py \
	tests/e2e/e2e-revert.py \
	tests/e2e/e2e-snapshot.py
TESTS += $(DAEMON_TESTS)
dist_check_SCRIPTS += $(DAEMON_TESTS)
EXTRA_DIST += tests/e2e/daemon.py

## The program with faults on demand, for e2e-fault; never installed.
check_PROGRAMS += tests/virt-tune-fault
tests_virt_tune_fault_SOURCES = src/main.c
tests_virt_tune_fault_LDADD = libvt-cmd.a libvt-report.a $(LIBS_PLAN_FAULT) $(NCURSES_LIBS)
