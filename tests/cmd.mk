## unit tests of src/cmd
TESTS_CMD =
UNIT_TESTS += $(TESTS_CMD)

dist_check_SCRIPTS += tests/test-cli.sh
EXTRA_DIST += tests/tap.sh
TESTS += tests/test-cli.sh
