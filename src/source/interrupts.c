/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/interrupts (kernel/irq/proc.c, show_interrupts(); arch/x86/kernel/irq.c,
 * arch_show_interrupts()). */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "source/interrupts.h"

/* 512 CPUs by some thousand lines; the kernel prints eleven characters for each count. */
#define INTERRUPTS_MAX (64 * 1024 * 1024)

/* No CPU takes so many interrupts between two snapshots: a counter that grew by more than a sixteenth
 * of its range began anew. (One that was in the last sixteenth is taken for one that wrapped.) */
#define GROWTH_MAX (G_MAXUINT32 / 16)

/* The first Linux where /proc/irq/N/smp_affinity_list is read-only if writing it would fail. */
#define LINUX_READ_ONLY_AFFINITY 6012000

typedef struct {
    char *irq;
    gboolean numbered; /* a device interrupt, not a line of the architecture */
    char *device;
    guint64 *counts; /* one per column */
} Line;

struct VtInterrupts {
    GArray *columns;   /* guint: CPU of each column, ascending */
    GPtrArray *lines;  /* Line, in file order */
    GHashTable *index; /* irq -> Line */
};

static void line_free(gpointer data)
{
    Line *line = data;

    g_free(line->irq);
    g_free(line->device);
    g_free(line->counts);
    g_free(line);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Line, line_free)

void vt_interrupts_free(VtInterrupts *interrupts)
{
    if (!interrupts)
        return;
    g_hash_table_unref(interrupts->index);
    g_ptr_array_unref(interrupts->lines);
    g_array_unref(interrupts->columns);
    g_free(interrupts);
}

/* The next word from @*at, which moves behind it; NULL at the end of the line. */
static const char *next_word(const char **at, gsize *ret_length)
{
    const char *start = *at + strspn(*at, " \t");
    gsize length = strcspn(start, " \t");

    if (length == 0)
        return NULL;
    *at = start + length;
    *ret_length = length;
    return start;
}

static gboolean parse_number(const char *word, gsize length, guint64 *ret_value)
{
    guint64 value = 0;

    if (length == 0)
        return FALSE;
    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isdigit(word[i]) || !g_uint64_checked_mul(&value, value, 10) ||
            !g_uint64_checked_add(&value, value, (guint64)(word[i] - '0')))
            return FALSE;
    }
    *ret_value = value;
    return TRUE;
}

static gboolean parse_header(VtInterrupts *self, const char *text, const char *name, GError **error)
{
    const char *word;
    gsize length;

    while ((word = next_word(&text, &length))) {
        guint64 number;
        guint cpu;

        if (length < 4 || strncmp(word, "CPU", 3) != 0 ||
            !parse_number(word + 3, length - 3, &number) || number >= VT_CPUS_MAX)
            return vt_error_set_input(error, name, 1, _("'%.*s' is not the name of a CPU"),
                                      (int)MIN(length, 40), word);
        cpu = (guint)number;
        if (self->columns->len > 0 &&
            cpu <= g_array_index(self->columns, guint, self->columns->len - 1))
            return vt_error_set_input(error, name, 1, _("the CPUs are not in ascending order"));
        g_array_append_val(self->columns, cpu);
    }
    if (self->columns->len == 0)
        return vt_error_set_input(error, name, 1, _("the line with the CPUs is missing"));
    return TRUE;
}

/* TRUE for the hardware number with its flow type ("5-edge", "524288-edge") that x86 prints. */
static gboolean is_typed_number(const char *word, gsize length)
{
    const char *dash = memchr(word, '-', length);
    guint64 number;

    return dash && dash + 1 < word + length && parse_number(word, (gsize)(dash - word), &number);
}

/* The names of the handlers at the end of a numbered line. Before them stand the interrupt chip,
 * whose name may have blanks ("Hyper-V PCIe MSI"), and the hardware number with the flow type, in
 * one word or, on arm64, in two. */
static char *parse_device(const char *text)
{
    const char *at = text;
    const char *word;
    const char *gap = NULL;
    const char *device = NULL;
    gsize length;

    while (!device && (word = next_word(&at, &length))) {
        if (is_typed_number(word, length) || (length == 5 && strncmp(word, "Level", 5) == 0) ||
            (length == 4 && strncmp(word, "Edge", 4) == 0))
            device = at;
    }
    /* Without a flow type, two blanks separate the handlers from the rest. */
    for (const char *p = text; !device && (p = strstr(p, "  ")); p += 2)
        gap = p;
    if (!device)
        device = gap;
    if (!device || device[strspn(device, " \t")] == '\0')
        return NULL;
    return g_strstrip(g_strdup(device));
}

static gboolean parse_line(VtInterrupts *self, const char *text, const char *name, guint64 number,
                           GError **error)
{
    g_autoptr(Line) line = g_new0(Line, 1);
    const char *start = text + strspn(text, " \t");
    const char *colon = strchr(start, ':');
    const char *at;
    gsize length;
    guint n = 0;

    if (!colon || colon == start || strcspn(start, " \t") < (gsize)(colon - start))
        return vt_error_set_input(error, name, number,
                                  _("the line does not begin with an interrupt and a colon"));
    line->irq = g_strndup(start, (gsize)(colon - start));
    line->numbered = line->irq[strspn(line->irq, "0123456789")] == '\0';
    line->counts = g_new0(guint64, self->columns->len);
    at = colon + 1;
    for (; n < self->columns->len; n++) {
        const char *before = at;
        const char *word = next_word(&at, &length);

        if (!word || !parse_number(word, length, &line->counts[n])) {
            at = before;
            break;
        }
    }
    if (n < self->columns->len) {
        if (line->numbered)
            return vt_error_set_input(error, name, number,
                                      _("interrupt %s has fewer counts than there are CPUs"),
                                      line->irq);
        return TRUE;
    }
    if (g_hash_table_contains(self->index, line->irq))
        return vt_error_set_input(error, name, number, _("interrupt %s is there twice"), line->irq);
    if (line->numbered)
        line->device = parse_device(at);
    g_hash_table_insert(self->index, line->irq, line);
    g_ptr_array_add(self->lines, g_steal_pointer(&line));
    return TRUE;
}

VtInterrupts *vt_interrupts_parse(const char *text, const char *name, GError **error)
{
    g_autoptr(VtInterrupts) self = g_new0(VtInterrupts, 1);
    guint64 number = 0;

    self->columns = g_array_new(FALSE, FALSE, sizeof(guint));
    self->lines = g_ptr_array_new_with_free_func(line_free);
    self->index = g_hash_table_new(g_str_hash, g_str_equal);
    do {
        gsize length = strcspn(text, "\n");
        g_autofree char *line = g_strndup(text, length);

        number++;
        text += length + (text[length] == '\n');
        if (number == 1) {
            if (!parse_header(self, line, name, error))
                return NULL;
        } else if (line[strspn(line, " \t")] != '\0') {
            if (!parse_line(self, line, name, number, error))
                return NULL;
        }
    } while (*text);
    return g_steal_pointer(&self);
}

VtInterrupts *vt_interrupts_read(const VtRoot *root, GError **error)
{
    g_autofree char *text = NULL;

    if (!vt_root_read(root, "/proc/interrupts", INTERRUPTS_MAX, &text, NULL, error))
        return NULL;
    return vt_interrupts_parse(text, "/proc/interrupts", error);
}

/* Column in @before of each column of @after that belongs to @cpus, else -1. */
static int *match_columns(const VtInterrupts *before, const VtInterrupts *after, const VtCpus *cpus)
{
    int *columns = g_new(int, after->columns->len);
    guint b = 0;

    for (guint i = 0; i < after->columns->len; i++) {
        guint cpu = g_array_index(after->columns, guint, i);

        while (b < before->columns->len && g_array_index(before->columns, guint, b) < cpu)
            b++;
        columns[i] = -1;
        if (b < before->columns->len && g_array_index(before->columns, guint, b) == cpu &&
            (!cpus || vt_cpus_has(cpus, cpu)))
            columns[i] = (int)b;
    }
    return columns;
}

/* How often the interrupt of column @c came on its CPU between both: the kernel's counters are 32
 * bits wide and wrap (unsigned int, show_interrupts()). */
static guint32 growth_of(const Line *old, const Line *line, const int *columns, guint c)
{
    return (guint32)(line->counts[c] - (old ? old->counts[columns[c]] : 0));
}

/* TRUE where both are counts of the same handlers. */
static gboolean is_comparable(const Line *old, const Line *line)
{
    return !old || g_strcmp0(old->device, line->device) == 0;
}

gboolean vt_interrupts_went_back(const VtInterrupts *before, const VtInterrupts *after, const VtCpus *cpus)
{
    g_autofree int *columns = match_columns(before, after, cpus);

    for (guint i = 0; i < after->lines->len; i++) {
        const Line *line = g_ptr_array_index(after->lines, i);
        const Line *old = g_hash_table_lookup(before->index, line->irq);

        for (guint c = 0; old && is_comparable(old, line) && c < after->columns->len; c++)
            if (columns[c] >= 0 && growth_of(old, line, columns, c) > GROWTH_MAX)
                return TRUE;
    }
    return FALSE;
}

void vt_interrupts_delta(const VtInterrupts *before, const VtInterrupts *after, const VtCpus *cpus,
                         void (*each)(const char *irq, const char *device, guint64 delta,
                                      gpointer data),
                         gpointer data)
{
    g_autofree int *columns = match_columns(before, after, cpus);

    for (guint i = 0; i < after->lines->len; i++) {
        const Line *line = g_ptr_array_index(after->lines, i);
        const Line *old = g_hash_table_lookup(before->index, line->irq);
        guint64 sum = 0;

        if (!is_comparable(old, line))
            continue;
        for (guint c = 0; c < after->columns->len; c++)
            if (columns[c] >= 0 && growth_of(old, line, columns, c) <= GROWTH_MAX)
                sum += growth_of(old, line, columns, c);
        if (sum > 0)
            each(line->irq, line->device, sum, data);
    }
}

static VtCpus *read_affinity(const VtRoot *root, const char *irq)
{
    static const char *const files[] = {"effective_affinity_list", "smp_affinity_list"};

    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_strdup_printf("/proc/irq/%s/%s", irq, files[i]);
        g_autofree char *text = vt_root_read_line(root, path);
        g_autoptr(VtCpus) cpus = text && *text ? vt_cpus_parse(text, NULL) : NULL;

        if (cpus)
            return g_steal_pointer(&cpus);
    }
    return NULL;
}

static VtTri read_managed(const VtRoot *root, const char *irq, guint64 kernel)
{
    g_autofree char *debug = g_strdup_printf("/sys/kernel/debug/irq/irqs/%s", irq);
    g_autofree char *file = g_strdup_printf("/proc/irq/%s/smp_affinity_list", irq);
    g_autofree char *path = vt_root_path(root, file);
    g_autofree char *state = vt_root_read_line(root, debug);
    struct stat st;

    if (state && strstr(state, "IRQD_"))
        return strstr(state, "IRQD_AFFINITY_MANAGED") ? VT_YES : VT_NO;
    if (kernel < LINUX_READ_ONLY_AFFINITY || !path || stat(path, &st) < 0)
        return VT_UNKNOWN;
    return st.st_mode & S_IWUSR ? VT_NO : VT_YES;
}

void vt_interrupts_describe(const VtInterrupts *interrupts, const VtRoot *root, VtHost *host)
{
    const char *version = vt_host_get(host, "kernel.version");
    guint64 kernel = 0;

    if (version && !vt_text_parse_u64(version, 0, G_MAXUINT64, &kernel, NULL))
        kernel = 0;
    for (guint i = 0; i < interrupts->lines->len; i++) {
        const Line *line = g_ptr_array_index(interrupts->lines, i);
        VtHostIrq *irq;

        if (vt_host_irq(host, line->irq))
            continue;
        irq = vt_host_add_irq(host, line->irq, line->device);
        irq->managed = VT_UNKNOWN;
        if (!line->numbered)
            continue;
        irq->affinity = read_affinity(root, line->irq);
        irq->managed = read_managed(root, line->irq, kernel);
    }
}
