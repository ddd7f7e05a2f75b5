#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The HTML pages in a real browser: nothing complains, nothing is too wide or too faint, all of it can be reached by
keyboard and told by a screen reader. Pictures of the pages are left in tests/output of the build."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import browser
import picture

HERE = os.path.dirname(os.path.abspath(__file__))
SRCDIR = os.environ.get('VT_SRCDIR') or os.path.dirname(os.path.dirname(HERE))
BUILDDIR = os.environ.get('VT_BUILDDIR') or os.path.join(SRCDIR, 'build')
OUTPUT = os.path.join(BUILDDIR, 'tests', 'output')
GOLDEN = os.path.join(SRCDIR, 'tests', 'golden', 'perf-e1000-ide')
HOSTILE = '<script>alert(1)</script>"onmouseover=x ]]>'
WINDOWS = 20
# The widths of A4 and Letter without the browser's margins: what is wider makes it shrink the page.
PAPER = (717, 739)
# Exits a second of each metric, and nanoseconds of one.
RATES = {
    'exit.mmio': (31000, 6200), 'exit.io': (9800, 7100), 'exit.msr-write': (7400, 900), 'exit.external-interrupt':
    (2050, 1300), 'exit.interrupt-window': (1850, 800), 'exit.eoi-induced': (900, 1500), 'exit.preemption-timer':
    (610, 900), 'exit.ept-violation': (420, 2100), 'exit.cpuid': (12, 1200), 'exit.hlt': (16000, 45000),
    'msr.write.0x80b': (5200, 0), 'msr.write.0x6e0': (1900, 0), 'msr.write.0x830': (300, 0),
    'pio.0x1f7': (5100, 0), 'pio.0x1f6': (2100, 0), 'pio.0x608': (1200, 0), 'pio.0x1f0': (900, 0),
    'mmio.0xfebc0008': (14000, 0), 'mmio.0xfebc3818': (9100, 0), 'mmio.0xfebc00d0': (5200, 0),
}
number = 0
failed = 0


def check(condition, what, detail=''):
    """One line of TAP."""
    global number, failed
    number += 1
    failed += not condition
    print(f'{"ok" if condition else "not ok"} {number} - {what}')
    for line in str(detail).splitlines()[:20] if not condition else []:
        print(f'# {line}')
    sys.stdout.flush()


def virt_tune(*args):
    """Runs the program; its standard output."""
    env = dict(os.environ, VIRT_TUNE_DATADIR=os.path.join(SRCDIR, 'data'), ASAN_OPTIONS='detect_leaks=0')
    done = subprocess.run([os.path.join(BUILDDIR, 'virt-tune'), *args], env=env, text=True, stdin=subprocess.DEVNULL,
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise browser.Failed(f'virt-tune {" ".join(args)}: {done.stderr}')
    return done.stdout


def write(path, text):
    """A file; its path."""
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def profile(scale=1.0, rates=None):
    """A profile of 20 windows, two vCPUs and all kinds of metrics, that goes up and down."""
    def counts(rate):
        return [int(rate * scale * (1 + 0.15 * ((i * 7 % 11) / 10 - 0.5))) for i in range(WINDOWS)]
    metrics = {}
    for name, (rate, each_ns) in (rates or RATES).items():
        windows = counts(rate)
        metrics[name] = {'count': sum(windows), 'per_window': windows, 'source': 'bpf'}
        if name.startswith('exit.'):
            mine = [count * 2 // 3 for count in windows]
            metrics[name]['per_vcpu'] = [
                {'vcpu': 0, 'count': sum(mine), 'per_window': mine},
                {'vcpu': 1, 'count': sum(windows) - sum(mine), 'per_window': [a - b for a, b in zip(windows, mine)]}]
        if each_ns:
            metrics[name]['time_ns'] = sum(windows) * each_ns // 4
    second = 10 ** 9
    return json.dumps({
        'format': 'virt-tune-profile', 'version': 1, 'isa': 'vmx', 'vcpus': 2, 'duration_ns': WINDOWS * second,
        'windows': WINDOWS, 'window_ns': [second] * WINDOWS, 'window_vcpus': [2] * WINDOWS, 'sources': ['bpf'],
        'vcpu_ids': [0, 1],
        'regions': [{'space': 'memory', 'first': 0xfebc0000, 'last': 0xfebdffff, 'device': 'net0', 'model': 'e1000',
                     'pci': '00:03.0'}],
        'covers': ['exit', 'pio', 'mmio', 'msr.read', 'msr.write'], 'metrics': metrics})


def domain(name, uuid):
    """The domain of a golden case under another name, with two vCPUs."""
    with open(os.path.join(GOLDEN, 'domain.xml'), encoding='utf-8') as file:
        text = file.read()
    escaped = name.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')
    text = re.sub(r'<name>.*?</name>', lambda _: f'<name>{escaped}</name>', text)
    text = re.sub(r'<uuid>.*?</uuid>', f'<uuid>{uuid}</uuid>', text)
    return re.sub(r'(<vcpu[^>]*>).*?</vcpu>', r'\g<1>2</vcpu>', text)


def make_pages(tmp):
    """The pages that are looked at, by name."""
    host = os.path.join(GOLDEN, 'host.json')
    pages, bundles = {}, []
    for i, (name, scale) in enumerate((('quiet-1', 0.001), ('web-1', 1.0), (HOSTILE, 0.4), ('not-measured', 0))):
        xml = write(os.path.join(tmp, f'{i}.xml'), domain(name, f'11111111-2222-3333-4444-00000000000{i}'))
        evidence = ['--xml', xml, '--host', host]
        if scale:
            evidence += ['--profile', write(os.path.join(tmp, f'{i}.json'), profile(scale))]
        bundles.append(os.path.join(tmp, f'{i}.vtb'))
        virt_tune('advise', *evidence, '--bundle', bundles[-1])
        if name == 'web-1':
            pages['domain'] = os.path.join(tmp, 'domain.html')
            virt_tune('advise', *evidence, '-o', 'html', '--output-file', pages['domain'])
    # The same domain after its network card was replaced.
    with open(os.path.join(tmp, '1.xml'), encoding='utf-8') as file:
        changed = file.read().replace("'e1000'", "'virtio'").replace('"e1000"', '"virtio"')
    after = {name: rate for name, rate in RATES.items() if not name.startswith('mmio.')}
    after.update({'exit.mmio': (20, 6200), 'exit.mmio-fast': (1800, 1500)})
    later = os.path.join(tmp, 'later.vtb')
    virt_tune('advise', '--xml', write(os.path.join(tmp, 'later.xml'), changed), '--host', host, '--profile',
              write(os.path.join(tmp, 'later.json'), profile(1, after)), '--bundle', later)
    pages['compare'] = os.path.join(tmp, 'compare.html')
    virt_tune('compare', bundles[1], later, '-o', 'html', '--output-file', pages['compare'])
    pages['fleet'] = os.path.join(tmp, 'fleet.html')
    virt_tune('advise', *bundles, '-o', 'html', '--output-file', pages['fleet'])
    return pages


def check_looks(page, name, path, width, scheme):
    """A page at one width in one scheme."""
    where = f'{name}, {width} px, {scheme}'
    page.show(path, width, scheme)
    page.eval('document.querySelectorAll("details").forEach(d => { d.open = true; })')
    with open(os.path.join(HERE, 'measure.js'), encoding='utf-8') as file:
        found = page.eval(file.read())
    check(found['scroll'] <= found['client'] == width and not found['wide'], f'{where}: no horizontal scrolling',
          f'{found["scroll"]} of {found["client"]}\n' + '\n'.join(found['wide']))
    check(found['texts'] > 50 and not found['faint'] and not found['dull'],
          f'{where}: {found["texts"]} texts, the least contrast is {found["least"]:.2f}',
          '\n'.join(found['faint'] + found['dull']))
    check(not found['overlaps'], f'{where}: no words of a chart lie over others', '\n'.join(found['overlaps']))
    check(not found['tall'], f'{where}: names have room', '\n'.join(found['tall']))
    check(not found['nameless'], f'{where}: bars say what they are', '\n'.join(found['nameless']))
    check(not found['cut'], f'{where}: tables fit', '\n'.join(found['cut']))
    page.eval('document.querySelectorAll("details").forEach(d => { d.open = false; })')
    shot = os.path.join(OUTPUT, f'{name}-{width}-{scheme}.png')
    height = page.picture(shot)
    size, blank = picture.look(shot)
    check(size == (width, height) and blank < 200, f'{where}: {os.path.relpath(shot, BUILDDIR)}',
          f'{size}, the page is {height} high; {blank} blank lines at the end')
    complaints = page.complaints()
    check(not complaints, f'{where}: nothing in the console, and nothing is loaded', '\n'.join(complaints))
    return found


def check_structure(page, name, found):
    """What a screen reader tells."""
    check(found['lang'] == 'en' and found['title'], f'{name}: has a language and a title')
    check(found['scripts'] == 0, f'{name}: has no script')
    headings = found['headings']
    check(headings.count(1) == 1 and all(b <= a + 1 for a, b in zip(headings, headings[1:])),
          f'{name}: {len(headings)} headings, no level left out', headings)
    nodes = page.call('Accessibility.getFullAXTree')['nodes']
    roles = [node.get('role', {}).get('value') for node in nodes]
    for role in ('banner', 'main', 'contentinfo'):
        check(roles.count(role) == 1, f'{name}: one {role}', roles.count(role))
    images = [node for node in nodes if node.get('role', {}).get('value') in ('image', 'img')]
    nameless = [node for node in images if not node.get('name', {}).get('value')]
    check(images and not nameless, f'{name}: {len(images)} pictures, all named', nameless)


def focused(page):
    """The element that has the focus, and how that shows."""
    return page.eval('(() => { const e = document.activeElement, s = getComputedStyle(e);'
                     'return [e.tagName, e.textContent.trim().slice(0, 60), s.outlineStyle, parseFloat(s.outlineWidth)];'
                     '})()')


def check_keyboard(page, name, path):
    """Everything that does something is reached by Tab, shows it, and works by Enter."""
    page.show(path, 1400, 'light')
    wanted = page.eval('[...document.querySelectorAll("a[href], summary, pre[tabindex], .wide[tabindex]")]'
                       '.filter(e => getComputedStyle(e.parentElement).display !== "none").length')
    hidden = page.eval('[...document.querySelectorAll("details:not([open]) [tabindex], details:not([open]) a")].length')
    reached, dark, opened = [], [], None
    for _ in range(wanted + 2):
        page.press('Tab', 9)
        element = focused(page)
        if element[0] == 'BODY':
            break
        reached.append(element)
        if element[2] == 'none' or element[3] < 1:
            dark.append(element)
        if element[0] == 'SUMMARY' and opened is None:
            page.press('Enter', 13)
            opened = page.eval('document.activeElement.parentElement.open')
            page.press('Enter', 13)
    check(reached and reached[0][1] == 'Skip to the domains', f'{name}: the first Tab skips to the domains', reached[:1])
    check(len(reached) == wanted - hidden, f'{name}: Tab reaches all {wanted - hidden} that can be used',
          f'{len(reached)}: {reached}')
    check(not dark, f'{name}: the focus is always seen', dark)
    check(opened is True, f'{name}: Enter opens details')


def check_print(page, name, path):
    """On paper all is shown, whatever is folded on the screen."""
    page.show(path, 1000, 'dark', 'print')
    hidden = page.eval('[...document.querySelectorAll("details > :not(summary)")]'
                       '.filter(e => e.getBoundingClientRect().height < 1).length')
    dark = page.eval('getComputedStyle(document.body).backgroundColor')
    for width in PAPER:
        page.show(path, width, 'light', 'print')
        with open(os.path.join(HERE, 'measure.js'), encoding='utf-8') as file:
            found = page.eval(file.read())
        wrong = [f'{kind}: {what}' for kind in ('wide', 'overlaps', 'nameless', 'cut', 'faint', 'dull') for what in found[kind]]
        check(found['scroll'] <= width and not wrong, f'{name}: {width} px of paper are wide enough',
              f'{found["scroll"]}\n' + '\n'.join(wrong))
    check(hidden == 0 and dark == 'rgb(255, 255, 255)', f'{name}: printed white, with nothing folded', f'{hidden} {dark}')
    with open(os.path.join(OUTPUT, f'{name}.pdf'), 'wb') as file:
        data = page.pdf()
        file.write(data)
    check(data.startswith(b'%PDF-') and len(data) > 20000, f'{name}: printed on {data.count(b"/Type /Page" + bytes([10]))}'
          f' pages', len(data))


def check_hostile(page, path):
    """A name that looks like markup is a name."""
    page.show(path, 1400, 'light')
    names = page.eval('[...document.querySelectorAll("h2")].map(h => h.textContent)')
    check(HOSTILE in names, 'a name with markup is shown as it is', names)
    check(names[:2] == ['Domains, worst first', 'web-1'], 'the worst domain comes first', names)
    page.eval('[...document.querySelectorAll("nav a")].find(a => a.textContent.startsWith("<script")).click()')
    check(page.eval('document.querySelector(":target h2").textContent') == HOSTILE, 'its link leads to it')


def main():
    """Skips where there is no browser."""
    path = browser.program()
    if not path:
        print('1..0 # SKIP There is no Chromium here (Debian and Fedora: package chromium).')
        return
    os.makedirs(OUTPUT, exist_ok=True)
    tmp = tempfile.mkdtemp(prefix='vt-report-')
    try:
        pages = make_pages(tmp)
        with browser.Browser(path) as page:
            for name, file in pages.items():
                for width, scheme in ((360, 'light'), (360, 'dark'), (960, 'light'), (1400, 'light'), (1400, 'dark')):
                    found = check_looks(page, name, file, width, scheme)
                check_structure(page, name, found)
                check_keyboard(page, name, file)
                check_print(page, name, file)
            check_hostile(page, pages['fleet'])
    except browser.Failed as why:
        check(False, 'the pages are made and shown', why)
    finally:
        shutil.rmtree(tmp, ignore_errors=True)
    print(f'1..{number}')
    sys.exit(failed > 0)


main()
