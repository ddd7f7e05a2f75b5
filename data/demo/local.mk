include $(top_srcdir)/data/demo/guest/local.mk
