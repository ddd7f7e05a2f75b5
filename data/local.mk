rulesdir = $(pkgdatadir)/rules
include $(top_srcdir)/data/rules/local.mk
dist_rules_DATA = $(VT_RULES)
schemasdir = $(pkgdatadir)/schemas
dist_schemas_DATA = \
	data/schemas/bundle.schema.json \
	data/schemas/comparison.schema.json \
	data/schemas/history.schema.json \
	data/schemas/host.schema.json \
	data/schemas/profile.schema.json \
	data/schemas/report.schema.json
trialdir = $(pkgdatadir)/check
dist_trial_DATA = data/check/everything.xml data/check/plain.xml
dist_pkgdata_DATA = data/rules.rng data/completion.bash.in
include $(top_srcdir)/data/demo/local.mk
