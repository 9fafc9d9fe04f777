"""Opens a page in Chromium, as somebody does who gets it by mail.

usage: page.py CHROMIUM PAGE FOLDER

Loads the file without a network at two widths and on paper, and fails when it
asks for anything, says anything on the console, is wider than the window, has
text that is cut off, or is blank. Leaves wide.png, narrow.png and page.pdf in
FOLDER, and prints what was seen as JSON. Speaks the DevTools protocol over a
pipe (--remote-debugging-pipe), so only Python's own library is needed.
"""

import base64
import json
import os
import select
import struct
import subprocess
import sys
import time
import zlib

# What is cut off: text that needs more room than its box shows, or that reaches
# beyond its picture or the window. What scrolls sideways by itself may.
CUT = """
(() => {
  const out = [], seen = node => node.textContent.trim().slice(0, 60);
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) {
    out.push('the page is ' + document.documentElement.scrollWidth + ' wide in a window of ' + width);
  }
  const scrolls = node => {
    for (; node; node = node.parentElement) {
      if (['auto', 'scroll'].includes(getComputedStyle(node).overflowX)) return true;
    }
    return false;
  };
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || node.closest('title, style, desc')) continue;
    const style = getComputedStyle(node), box = node.getBoundingClientRect();
    if (style.display === 'none' || box.width === 0) continue;
    const svg = node.ownerSVGElement;
    if (svg) {
      const all = svg.getBoundingClientRect();
      if (box.left < all.left - 1 || box.right > all.right + 1 || box.top < all.top - 1 ||
          box.bottom > all.bottom + 1) out.push('beyond its picture: ' + seen(node));
    }
    if (scrolls(node)) continue;
    if (box.right > width + 1 || box.left < -1) out.push('beyond the window: ' + seen(node));
    const hides = ['hidden', 'clip'];
    if (!svg && (hides.includes(style.overflowX) && node.scrollWidth > node.clientWidth + 1 ||
        hides.includes(style.overflowY) && node.scrollHeight > node.clientHeight + 1)) {
      out.push('cut off: ' + seen(node));
    }
  }
  return out;
})()
"""


class Browser:
    def __init__(self, program, folder):
        to_read, self.out = os.pipe()
        self.inp, to_write = os.pipe()

        def pipes():
            # The protocol wants 3 and 4; the pipes may have these numbers.
            one, two = os.dup2(to_read, 50), os.dup2(to_write, 51)
            os.dup2(one, 3)
            os.dup2(two, 4)

        self.child = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe",
             f"--user-data-dir={folder}/profile", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            close_fds=False, preexec_fn=pipes, start_new_session=True)
        os.close(to_read)
        os.close(to_write)
        self.rest, self.number, self.events, self.session = b"", 0, [], None

    def message(self, until):
        while b"\0" not in self.rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.inp], [], [], left)[0]:
                sys.exit("the browser does not answer")
            more = os.read(self.inp, 1 << 20)
            if not more:
                sys.exit("the browser ended")
            self.rest += more
        line, self.rest = self.rest.split(b"\0", 1)
        return json.loads(line)

    def ask(self, method, **params):
        self.number += 1
        ask = {"id": self.number, "method": method, "params": params}
        if self.session:
            ask["sessionId"] = self.session
        os.write(self.out, json.dumps(ask).encode() + b"\0")
        until = time.monotonic() + 60
        while True:
            got = self.message(until)
            if got.get("id") == self.number:
                if "error" in got:
                    sys.exit(f"{method}: {got['error']}")
                return got["result"]
            self.events.append(got)

    def wait_for(self, method):
        until = time.monotonic() + 60
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.message(until))

    def close(self):
        self.child.kill()
        self.child.wait()


def picture(png):
    """Width, height, and how many points have another colour than the first."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    at, data = 8, b""
    while at < len(png):
        size, = struct.unpack(">I", png[at:at + 4])
        if png[at + 4:at + 8] == b"IDAT":
            data += png[at + 8:at + 8 + size]
        at += 12 + size
    step = {2: 3, 6: 4}[kind] if depth == 8 else sys.exit("an unknown kind of PNG")
    raw, row, other, first = zlib.decompress(data), bytearray(width * step), 0, None
    for y in range(height):
        start = y * (width * step + 1)
        filt, line = raw[start], bytearray(raw[start + 1:start + 1 + width * step])
        for x in range(len(line)):
            left, up = (line[x - step] if x >= step else 0), row[x]
            corner = row[x - step] if x >= step else 0
            if filt == 1:
                line[x] = line[x] + left & 255
            elif filt == 2:
                line[x] = line[x] + up & 255
            elif filt == 3:
                line[x] = line[x] + (left + up) // 2 & 255
            elif filt == 4:
                p = left + up - corner
                near = min((abs(p - left), 0, left), (abs(p - up), 1, up), (abs(p - corner), 2, corner))
                line[x] = line[x] + near[2] & 255
        row = line
        first = first or bytes(line[:step])
        if y % 4 == 0:
            other += sum(line[x:x + step] != first for x in range(0, len(line), step * 2))
    return width, height, other


def main(program, page, folder):
    url = "file://" + os.path.abspath(page)
    browser = Browser(program, folder)
    wrong, seen = [], {}
    try:
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)
        browser.session = session["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            browser.ask(f"{domain}.enable")
        for name, width in (("wide", 1280), ("narrow", 800)):
            browser.events.clear()
            browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=900,
                        deviceScaleFactor=1, mobile=False)
            browser.ask("Page.navigate", url=url)
            browser.wait_for("Page.loadEventFired")
            cut = browser.ask("Runtime.evaluate", expression=CUT, returnByValue=True)
            wrong += [f"{name}: {text}" for text in cut["result"]["value"]]
            shot = browser.ask("Page.captureScreenshot", format="png", captureBeyondViewport=False)
            png = base64.b64decode(shot["data"])
            with open(f"{folder}/{name}.png", "wb") as file:
                file.write(png)
            seen[name] = picture(png)
            if seen[name][2] < 1000:
                wrong.append(f"{name}: the page is blank")
            for event in browser.events:
                what, params = event.get("method"), event.get("params", {})
                if what == "Network.requestWillBeSent" and params["request"]["url"] != url:
                    wrong.append(f"it asks for {params['request']['url'][:200]}")
                if what in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
                    wrong.append(f"on the console: {json.dumps(params)[:300]}")
        pdf = base64.b64decode(browser.ask("Page.printToPDF", printBackground=True)["data"])
        with open(f"{folder}/page.pdf", "wb") as file:
            file.write(pdf)
        seen["pages"] = pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ")
        if not pdf.startswith(b"%PDF-") or len(pdf) < 3000 or seen["pages"] < 1:
            wrong.append("it is not printed")
    finally:
        browser.close()
    print(json.dumps(seen))
    if wrong:
        sys.exit("\n".join(dict.fromkeys(wrong)))


if __name__ == "__main__":
    main(*sys.argv[1:])
