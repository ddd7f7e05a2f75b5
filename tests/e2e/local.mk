## The demo, and end-to-end tests on real KVM, which skip, saying why, where domains cannot be started.
E2E_TESTS = \
	tests/e2e/demo-recorded.py \
	tests/e2e/e2e-advise.py \
	tests/e2e/e2e-bpf.py \
	tests/e2e/e2e-demo.py
TESTS += $(E2E_TESTS)
dist_check_SCRIPTS += $(E2E_TESTS)
EXTRA_DIST += tests/e2e/e2e.py
