/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pseudo-terminal of a test's own, and a child on it. */
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* What runs in a child on the terminal; its result is the child's exit status. */
typedef int (*OnTerminal)(void);

typedef struct {
    int status;
    char output[16384];
} Result;

static void run_child(OnTerminal run, int slave, guint columns, const char *type)
{
    struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)columns};

    ioctl(slave, TIOCSWINSZ, &size);
    dup2(slave, STDIN_FILENO);
    dup2(slave, STDOUT_FILENO);
    dup2(slave, STDERR_FILENO);
    setvbuf(stdout, NULL, _IONBF, 0);
    g_setenv("TERM", type, TRUE);
    _exit(run());
}

static int open_slave(int master)
{
    struct termios attributes;
    int slave;

    if (grantpt(master) < 0 || unlockpt(master) < 0)
        return -1;
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (slave < 0 || tcgetattr(slave, &attributes) < 0)
        return -1;
    /* What is typed comes back only as the answer, and lines end as written. */
    attributes.c_lflag &= ~(tcflag_t)ECHO;
    attributes.c_oflag &= ~(tcflag_t)OPOST;
    tcsetattr(slave, TCSANOW, &attributes);
    return slave;
}

/* Runs @run in a child whose three standard files are a terminal of @columns on which @typed is
 * typed. */
static Result on_terminal(OnTerminal run, const char *typed, guint columns, const char *type)
{
    Result result = {0};
    gsize used = 0;
    gssize n;
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    int slave = master < 0 ? -1 : open_slave(master);
    int status;
    pid_t pid;

    assert_true(slave >= 0);
    fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(master);
        run_child(run, slave, columns, type);
    }
    close(slave);
    assert_int_equal(write(master, typed, strlen(typed)), strlen(typed));
    /* EIO where the child has gone. */
    while (used < sizeof result.output - 1 &&
           (n = read(master, result.output + used, sizeof result.output - 1 - used)) > 0)
        used += (gsize)n;
    close(master);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    result.status = WEXITSTATUS(status);
    return result;
}
