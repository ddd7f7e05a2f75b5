dnl SPDX-License-Identifier: GPL-2.0-or-later
dnl
dnl VT_BPF: what the in-kernel profile source needs: libbpf, libcap, a clang that compiles for BPF, and bpftool.
dnl Sets CLANG, BPFTOOL, VT_BPF_CFLAGS (clang's options for the programs), with_bpf (yes or no), bpf_why (what is
dnl missing), HAVE_BPF for C and the conditional HAVE_BPF.
AC_DEFUN([VT_BPF], [
AC_ARG_WITH([bpf],
  [AS_HELP_STRING([--without-bpf], [do not build the in-kernel profile source (libbpf, libcap, clang, bpftool)])],
  [], [with_bpf=check])
AC_ARG_VAR([CLANG], [clang, for the BPF programs])
AC_ARG_VAR([BPFTOOL], [bpftool, for the BPF skeleton])
bpf_why=
AS_IF([test "x$with_bpf" != xno],
  [PKG_CHECK_MODULES([BPF], [libbpf >= 1.0 libcap], [], [bpf_why="$bpf_why libbpf or libcap"])
   AC_CHECK_PROGS([CLANG], [clang])
   AC_PATH_PROGS([BPFTOOL], [bpftool], [], [$PATH:/usr/sbin:/sbin])
   AS_IF([test -z "$BPFTOOL"], [bpf_why="$bpf_why bpftool"])
   AS_IF([test -z "$CLANG"], [bpf_why="$bpf_why clang"],
     [dnl The host's own headers (linux/types.h needs asm/, which Debian keeps per architecture) behind all others.
      VT_BPF_CFLAGS=`$CLANG -v -E - </dev/null 2>&1 |
        sed -n '/<...> search starts here:/,/^End of search list/s/^ \(\/.*\)/-idirafter \1/p' | tr '\n' ' '`
      VT_BPF_CFLAGS="-target bpf -mcpu=v3 -O2 -g -Wall $BPF_CFLAGS $VT_BPF_CFLAGS"
      AC_CACHE_CHECK([whether $CLANG compiles for BPF], [vt_cv_bpf], [
        vt_cv_bpf=no
        AS_IF([$CLANG $VT_BPF_CFLAGS -I"$srcdir/src" -c -o conftest.bpf.o "$srcdir/src/source/vmexit.bpf.c" 2>&AS_MESSAGE_LOG_FD],
          [vt_cv_bpf=yes])
        rm -f conftest.bpf.o])
      AS_IF([test "x$vt_cv_bpf" = xno], [bpf_why="$bpf_why BPF in $CLANG"])])
   AS_IF([test -z "$bpf_why"],
     [with_bpf=yes
      AC_DEFINE([HAVE_BPF], [1], [the BPF profile source is built])],
     [AS_IF([test "x$with_bpf" = xyes], [AC_MSG_ERROR([--with-bpf needs:$bpf_why])])
      with_bpf=no])])
AC_SUBST([VT_BPF_CFLAGS])
AM_CONDITIONAL([HAVE_BPF], [test "x$with_bpf" = xyes])
])
