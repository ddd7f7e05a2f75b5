#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every change of a definition by a rule, made by the program in the rule's hit fixtures (tests/rules/ID/hit*), is
defined by libvirt with validation, and the domain then starts. The versions of libvirt and QEMU, and the facts that a
change needs, are those of this host; what needs something that it lacks is refused."""

import json
import os
import pathlib
import re
import signal
import subprocess
import xml.etree.ElementTree as ET

import e2e

FIXTURES = pathlib.Path(e2e.SRCDIR, 'tests/rules')
RULES = pathlib.Path(e2e.SRCDIR, 'data/rules')
NAMESPACES = {'qemu': 'http://libvirt.org/schemas/domain/qemu/1.0',
              'libosinfo': 'http://libosinfo.org/xmlns/libvirt/domain/1.0'}
OS_OF_FAMILY = {'linux': 'http://debian.org/debian/11', 'winnt': 'http://microsoft.com/win/10',
                'freebsd': 'http://freebsd.org/freebsd/12.1'}
VERSIONS = ('libvirt.version', 'qemu.version')
IMAGE = 1 << 20
DERIVED_FROM = {'domain.hugepages-fit': 'hugepages.free-kib'}
# What QEMU says where KVM, as that of some nested hosts, lacks MSRs of Hyper-V that it is asked for.
KVM_LACKS = r"kernel doesn't allow setting HyperV \w+|kvm_buf_set_msrs: Assertion"


def fixture(case, name):
    """The nearest file of this name, as tests/test-rules looks for it; None where it is empty or there is none."""
    for place in (case, case.parent, case.parent.parent):
        if (place / name).exists():
            return (place / name).read_text() or None
    return None


def fact_of(need):
    return f'{need.get("version")}.version' if need.get('version') else need.get('host')


def version(text):
    """As in the facts: 8.10 is 8010000."""
    parts = [int(part) for part in text.split('.')] + [0, 0]
    return parts[0] * 1000000 + parts[1] * 1000 + parts[2]


def number(word):
    try:
        return float(word)
    except ValueError:
        return None


def is_met(need, facts):
    word = facts.get(fact_of(need))
    if word is None:
        return False
    if need.get('version'):
        return (need.get('at-least') is None or int(word) >= version(need.get('at-least'))) and \
            (need.get('below') is None or int(word) < version(need.get('below')))
    if need.get('is') is not None:
        return word in need.get('is').split('|')
    if need.get('has') is not None:
        return need.get('has') in word.split()
    return number(word) is not None and (need.get('above') is None or number(word) > float(need.get('above'))) and \
        (need.get('below') is None or number(word) < float(need.get('below')))


def host_facts(lab):
    return json.loads(e2e.virt_tune(lab, 'host', '-o', 'json')).get('facts', {})


class Case:
    """One hit of one rule, as files for the program."""

    def __init__(self, lab, rule, path):
        self.rule, self.name = rule, f'{rule.get("id")}-{path.name}'
        self.dir = pathlib.Path(lab.dir, self.name)
        self.dir.mkdir(exist_ok=True)
        self.lab, self.image_count = lab, 0
        self.needs = [need for change in rule.findall("change[@target='domain']") for need in change.findall('needs')]
        self.domain = ET.fromstring(fixture(path, 'domain.xml'))
        guest = fixture(path, 'guest.json')
        if guest and rule.find('.//guest[@os]') is not None:
            self._say_os(OS_OF_FAMILY[json.loads(guest)['family']])
        (self.dir / 'domain.xml').write_text(ET.tostring(self.domain, 'unicode'))
        profile = fixture(path, 'profile.json')
        self.options = ['--xml', str(self.dir / 'domain.xml'), '--assume-guest-drivers']
        if profile:
            (self.dir / 'profile.json').write_text(profile)
            self.options += ['--profile', str(self.dir / 'profile.json')]
        self.host = json.loads(fixture(path, 'host.json') or 'null')

    def _say_os(self, os_id):
        metadata = self.domain.find('metadata')
        if metadata is None:
            metadata = ET.SubElement(self.domain, 'metadata')
        ET.SubElement(ET.SubElement(metadata, f'{{{NAMESPACES["libosinfo"]}}}libosinfo'),
                      f'{{{NAMESPACES["libosinfo"]}}}os', id=os_id)

    def facts_with(self, here):
        """The fixture's facts, but those that decide whether the domain can have the change are of this host."""
        if not self.host:
            return None
        facts = dict(self.host['facts'])
        versions = VERSIONS if self.rule.find('.//version') is not None else ()
        for fact in [*versions, *(DERIVED_FROM.get(fact_of(need), fact_of(need)) for need in self.needs)]:
            if fact.startswith('domain.'):
                continue  # of this domain, which no host has but the fixture's
            facts.pop(fact, None)
            if fact in here:
                facts[fact] = here[fact]
        return facts

    def apply(self, facts):
        """The changed definition, or None and what the program says to that."""
        options = list(self.options)
        if facts is not None:
            (self.dir / 'host.json').write_text(json.dumps(dict(self.host, facts=facts)))
            options += ['--host', str(self.dir / 'host.json')]
        run = subprocess.run([os.path.join(e2e.BUILDDIR, 'virt-tune'), 'apply', *options, '--print-xml', '--rule',
                              self.rule.get('id')], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             env=dict(self.lab.env, VIRT_TUNE_DATADIR=os.path.join(e2e.SRCDIR, 'data')))
        return (run.stdout, '') if run.returncode == 0 else (None, run.stderr.strip())

    def image(self):
        """A small disk."""
        self.image_count += 1
        path = self.dir / f'{self.image_count}.img'
        with open(path, 'wb') as f:
            f.truncate(IMAGE)
        return str(path)


def drop(parent, *names):
    for name in names:
        for child in parent.findall(name):
            parent.remove(child)


def here_only(cpus):
    """The part of a list of CPUs that this host has, else all of its CPUs."""
    online = os.sched_getaffinity(0)
    listed = set()
    for part in cpus.split(','):
        first, _, last = part.partition('-')
        listed |= set(range(int(first), int(last or first) + 1))
    return ','.join(str(cpu) for cpu in sorted(listed & online or online))


def startable(case, text, name):
    """The changed definition on this host's CPUs, with small disks, network devices of its own and little memory, and
    without what no rule changes and few hosts have: firmware images, displays, host devices."""
    domain = ET.fromstring(text)
    devices = domain.find('devices')
    domain.attrib.pop('id', None)
    domain.find('name').text = name
    drop(domain, 'uuid', 'seclabel', 'resource', 'sysinfo')
    drop(devices, 'emulator', 'graphics', 'tpm', 'hostdev', 'filesystem', 'channel', 'audio', 'redirdev')
    os_element = domain.find('os')
    os_element.attrib.pop('firmware', None)
    drop(os_element, 'loader', 'nvram', 'kernel', 'initrd', 'cmdline', 'smbios', 'firmware')
    for memory in domain.findall('memory') + domain.findall('currentMemory'):
        memory.text, memory.attrib['unit'] = '64', 'MiB'
    for element in domain.findall('.//cputune/*[@cpuset]') + domain.findall('vcpu[@cpuset]'):
        element.attrib['cpuset'] = here_only(element.attrib['cpuset'])
    for disk in devices.findall('disk'):
        if disk.get('device', 'disk') not in ('disk', 'lun'):
            drop(disk, 'source', 'backingStore')
            continue
        disk.attrib['type'], disk.attrib['device'] = 'file', 'disk'
        drop(disk, 'source', 'auth', 'backingStore', 'mirror', 'encryption')
        ET.SubElement(disk, 'source', file=case.image())
        for driver in disk.findall('driver'):
            driver.attrib.pop('type', None)
    for interface in devices.findall('interface'):
        if interface.get('type') in ('hostdev', 'vdpa'):
            devices.remove(interface)
            continue
        interface.attrib['type'] = 'ethernet' if os.path.exists('/dev/net/tun') else 'user'
        drop(interface, 'source', 'target', 'virtualport', 'vlan', 'port', 'filterref', 'bandwidth', 'backend')
    for console in [d for name in ('serial', 'console', 'parallel') for d in devices.findall(name)]:
        console.attrib['type'] = 'null'
        drop(console, 'source', 'log')
    cpu = domain.find('cpu')
    if cpu is not None and cpu.get('mode') == 'custom':
        cpu.attrib['check'] = 'none'  # of a model that this host may not have
    elif cpu is not None and cpu.find("feature[@name='arch-capabilities']") is None:
        # KVM inside a virtual machine may refuse the value of this MSR.
        ET.SubElement(cpu, 'feature', policy='disable', name='arch-capabilities')
    return ET.tostring(domain, 'unicode')


def start(case, text, name):
    """Defines and starts it under a name of its own. What libvirt says against the definition, and against the start;
    None where it takes it."""
    path = case.dir / f'{name}.xml'
    path.write_text(startable(case, text, name))
    try:
        case.lab.virsh(f'define --validate {path}')
    except e2e.labs.Failed as why:
        return str(why), None
    try:
        case.lab.virsh(f'start {name} --paused')
        os.kill(case.lab.pid(name), signal.SIGKILL)  # virsh destroy would wait for two seconds
    except e2e.labs.Failed as why:
        return None, str(why)
    return None, None


def check_start(case, changed):
    """What is wrong with the changed definition, and what is to be said of it; both may be None."""
    refused, failed = start(case, changed, case.name)
    if refused or not failed:
        return (f'{case.name}: {refused}' if refused else None), None
    lack = re.search(KVM_LACKS, failed)
    if lack:
        return None, f'{case.name}: KVM of this host cannot do it: {lack.group()}'
    if any(start(case, ET.tostring(case.domain, 'unicode'), f'{case.name}-before')):
        return None, f'{case.name} does not start here without the change either: {failed.splitlines()[-1]}'
    return f'{case.name}: {failed}', None


def check_case(case, here):
    """What is wrong with one case, and what is to be said of it; both may be None."""
    fixed = case.host['facts'] if case.host else {}
    needs = [need for need in case.needs if not fact_of(need).startswith('domain.')]  # those the program derives
    changed, why = case.apply(case.host and fixed)
    if not all(is_met(need, fixed) for need in needs):
        return (None if changed is None else f'{case.name}: made without what it needs'), None
    if changed is None:
        lacking = any(fact_of(need) in why for need in case.needs if need not in needs)
        return (None, f'not applied: {why}') if lacking else (f'{case.name}: {why}', None)
    facts = case.facts_with(here)
    if facts is not None and facts != fixed:
        met = all(is_met(need, facts) for need in needs)
        changed, why = case.apply(facts)
        if changed is None:
            differ = ', '.join(f for f in sorted(fixed) if fixed[f] != facts.get(f))
            met = met and not any(fact_of(need) in why for need in case.needs if need not in needs)
            return (f'{case.name}: {why}' if met and not differ else None), f'not applied here ({differ}): {why}'
        if not met:
            return f'{case.name}: made although this host lacks what it needs', None
    machine = ET.fromstring(changed).find('os/type')
    if machine.get('arch') not in (None, os.uname().machine, 'i686'):
        return None, f'{case.name} is for {machine.get("arch")}'
    return check_start(case, changed)


def refuses(lab, rule):
    """Whether apply refuses a rule that changes no definition: there is nothing to make in one."""
    hit = next(path for path in sorted((FIXTURES / rule.get('id')).iterdir()) if path.name.startswith('hit'))
    case = Case(lab, rule, hit)
    changed, why = case.apply(case.host and case.host['facts'])
    return changed is None and bool(why)


def definition(lab, name):
    return lab.virsh(f'dumpxml --inactive --security-info {name}')


def check_revert(lab, rule, path):
    """The change is made in a definition that libvirt keeps, and undone: what it was, byte for byte."""
    case, name = Case(lab, rule, path), f'{rule.get("id")}-reverted'
    text = startable(case, ET.tostring(case.domain, 'unicode'), name)
    (case.dir / 'kept.xml').write_text(text)
    lab.virsh(f'define --validate {case.dir}/kept.xml')
    before = definition(lab, name)
    options = [*case.options[case.options.index('--profile'):], '--host', str(case.dir / 'host.json')]
    own = dict(case.host['domains'][0], name=name, uuid=lab.virsh(f'domuuid {name}').strip())
    (case.dir / 'host.json').write_text(json.dumps(dict(case.host, domains=[own])))
    e2e.virt_tune(lab, 'apply', name, '--rule', rule.get('id'), '--yes', *options)
    changed = definition(lab, name)
    e2e.check(changed != before and "<qemu:arg value='-overcommit'/>" in changed, f'{path.parent.name}: applied')
    e2e.virt_tune(lab, 'revert', name, '--yes')
    e2e.check(definition(lab, name) == before, f'{path.parent.name}: and undone')


def test(lab):
    os.environ['XDG_STATE_HOME'] = f'{lab.dir}/state'
    for prefix, uri in NAMESPACES.items():
        ET.register_namespace(prefix, uri)
    here = host_facts(lab)
    for path in sorted(RULES.glob('*.xml')):
        rule = ET.parse(path).getroot()
        if rule.find("change[@target='domain']") is None:
            e2e.check(refuses(lab, rule), f'{path.stem}: there is nothing to apply')
            continue
        cases = [p for p in sorted((FIXTURES / path.stem).iterdir())
                 if p.name.startswith('hit') and (p / 'after.xml').exists()
                 and '<domain' in (p / 'after.xml').read_text()]
        wrong, said, started = [], [], 0
        for case in cases:
            bad, say = check_case(Case(lab, rule, case), here)
            wrong += [bad] if bad else []
            said += [say] if say else []
            started += not bad and not say
        e2e.check(cases and not wrong, f'{path.stem}: {started} of {len(cases)} changed domains start')
        e2e.note('\n'.join(wrong + said))
    # It adds a part of QEMU's namespace, which libvirt puts in order by itself.
    check_revert(lab, ET.parse(RULES / 'cpu-pm.xml').getroot(), FIXTURES / 'cpu-pm/hit')


e2e.main(test)
