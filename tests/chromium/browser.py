# SPDX-License-Identifier: GPL-2.0-or-later
"""A headless Chromium that is driven by its debugging protocol over a pair of pipes: JSON, each message ended by NUL."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ('chromium', 'chromium-browser', 'headless_shell', 'google-chrome')


def program():
    """The path of the browser; None where there is none."""
    for name in NAMES:
        found = shutil.which(name) or shutil.which(name, path='/usr/lib64/chromium-browser')
        if found:
            return found
    return None


class Failed(Exception):
    """The browser ended, refused a command, or did not answer."""


class Browser:
    """Context manager; one page at a time."""

    def __init__(self, path):
        self.dir = tempfile.mkdtemp(prefix='vt-chromium-')
        to_browser, self.command = os.pipe()
        self.answer, from_browser = os.pipe()
        # Above 10, so that neither is overwritten when both are moved to where the browser looks for them.
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (to_browser, from_browser)]
        with open(os.path.join(self.dir, 'stderr'), 'w', encoding='utf-8') as errors:
            self.process = subprocess.Popen(
                [path, '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars',
                 '--disable-background-networking', '--no-first-run', '--remote-debugging-pipe',
                 f'--user-data-dir={self.dir}', 'about:blank'],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, close_fds=False,
                env=dict(os.environ, HOME=self.dir, XDG_CONFIG_HOME=self.dir, XDG_CACHE_HOME=self.dir),
                preexec_fn=lambda: (os.dup2(high[0], 3), os.dup2(high[1], 4)))
        for fd in (to_browser, from_browser, *high):
            os.close(fd)
        self.buffer = b''
        self.number = 0
        self.events = []
        self.session = None

    def __enter__(self):
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network', 'DOM', 'Accessibility'):
            self.call(f'{domain}.enable')
        return self

    def __exit__(self, *_):
        for fd in (self.command, self.answer):
            os.close(fd)
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def _said(self):
        with open(os.path.join(self.dir, 'stderr'), encoding='utf-8', errors='replace') as errors:
            return errors.read()[-2000:]

    def _message(self, until):
        while b'\0' not in self.buffer:
            if not select.select([self.answer], [], [], max(0, until - time.monotonic()))[0]:
                raise Failed(f'no answer in time; it said: {self._said()}')
            data = os.read(self.answer, 1 << 16)
            if not data:
                raise Failed(f'it ended; it said: {self._said()}')
            self.buffer += data
        message, self.buffer = self.buffer.split(b'\0', 1)
        return json.loads(message)

    def call(self, method, **params):
        """The result of a command; events that come meanwhile are kept in self.events."""
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': params}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.command, json.dumps(message).encode() + b'\0')
        until = time.monotonic() + 120
        while True:
            answer = self._message(until)
            if answer.get('id') == self.number:
                if 'error' in answer:
                    raise Failed(f'{method}: {answer["error"]["message"]}')
                return answer['result']
            if 'method' in answer:
                self.events.append(answer)

    def wait(self, method):
        """The next event of this name."""
        until = time.monotonic() + 120
        while True:
            for i, event in enumerate(self.events):
                if event['method'] == method:
                    return self.events.pop(i)
            message = self._message(until)
            if 'method' in message:
                self.events.append(message)

    def show(self, path, width, scheme, media=''):
        """Loads the file at this width in CSS pixels with a colour scheme; forgets what happened before."""
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call('Emulation.setEmulatedMedia', media=media,
                  features=[{'name': 'prefers-color-scheme', 'value': scheme},
                            {'name': 'prefers-reduced-motion', 'value': 'reduce'}])
        self.events.clear()
        self.call('Page.navigate', url='file://' + path)
        self.wait('Page.loadEventFired')

    def eval(self, expression):
        """The value of a JavaScript expression in the page, whatever the page's policy forbids its own scripts."""
        result = self.call('Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in result:
            raise Failed(result['exceptionDetails'].get('exception', {}).get('description', expression))
        return result['result'].get('value')

    def complaints(self):
        """What the console shows, errors of scripts, and requests for anything but the page itself."""
        found = []
        for event in self.events:
            params = event['params']
            if event['method'] == 'Runtime.consoleAPICalled':
                found.append(f'console: {params["args"]}')
            elif event['method'] == 'Runtime.exceptionThrown':
                found.append(f'exception: {params["exceptionDetails"]["text"]}')
            elif event['method'] == 'Log.entryAdded':
                found.append(f'log: {params["entry"]["text"]}')
            elif event['method'] == 'Network.requestWillBeSent' and params.get('type') != 'Document' \
                    and not params['request']['url'].startswith('data:'):
                found.append(f'request: {params["request"]["url"]}')
        return found

    def press(self, key, code):
        """A key with its Windows key code, as the protocol wants it."""
        text = {'Enter': '\r', ' ': ' '}.get(key)
        extra = {'text': text} if text else {}
        for kind in ('keyDown', 'keyUp'):
            self.call('Input.dispatchKeyEvent', type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                      **(extra if kind == 'keyDown' else {}))

    def picture(self, path):
        """The whole page, as high as it is by now, as a PNG; its height."""
        width, height = self.eval('[innerWidth, document.documentElement.scrollHeight]')
        shot = self.call('Page.captureScreenshot', format='png', captureBeyondViewport=True,
                         clip={'x': 0, 'y': 0, 'width': width, 'height': height, 'scale': 1})
        with open(path, 'wb') as file:
            file.write(base64.b64decode(shot['data']))
        return height

    def pdf(self):
        """The page as it would be printed."""
        return base64.b64decode(self.call('Page.printToPDF', printBackground=False)['data'])
