# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Opens a saved report in headless Chromium, as wide as a phone, and looks at it.

Nothing must be wider than the page, no script may fail, and the charts must be there.
"""

import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import jax
import numpy as np

import partir
from partir._partir import devices

WIDTH = 375

#: What a report is asked; it sends the answer to the page around it.
PROBE = """
<script>
const failures = [];
addEventListener("error", (event) => failures.push(event.message));
addEventListener("load", () => {
  const size = (element) => element.getBoundingClientRect();
  document.querySelectorAll("details").forEach((one) => (one.open = true));
  const root = document.documentElement;
  const answer = { failures, shown: innerWidth, fits: root.scrollWidth <= innerWidth };
  const bars = [...document.querySelectorAll("svg.track rect")];
  answer.bars = bars.filter((bar) => size(bar).width > 0).length;
  answer.memory = size(document.querySelector("svg.memory path")).height > 0;
  bars[0].dispatchEvent(new MouseEvent("click", { bubbles: true }));
  const said = document.getElementById("said").textContent;
  answer.says = said === bars[0].textContent;
  const zoom = document.getElementById("zoom");
  zoom.value = 3;
  zoom.dispatchEvent(new Event("input"));
  answer.zooms = size(document.querySelector(".plot")).width > 7 * innerWidth;
  answer.stays = root.scrollWidth <= innerWidth;
  parent.postMessage(JSON.stringify(answer), "*");
});
</script>
"""


#: A window of Chromium's is wider than a phone; a frame need not be.
FRAME = """<!DOCTYPE html>
<iframe width="{width}" height="800" srcdoc="{page}" style="border: 0"></iframe>
<pre id="answer"></pre>
<script>
addEventListener("message", (event) => {{
  document.getElementById("answer").textContent = event.data;
}});
</script>
"""


def layers(ws, x):
    """A program with a product for each of its inputs."""
    for w in ws:
        x = jax.numpy.tanh(x @ w) + x
    return x.sum()


def save(path: Path) -> None:
    """A report that shows all there is: a conflict, stops, and what does not fit."""
    device = {**json.loads(devices()["tpu_v5e"]), "memory": 2**20}
    schedule = [
        partir.ManualPartition({"x": 0}, axis="M", name="BP"),
        partir.ManualPartition({"ws": 0, "x": 1}, axis="B", name="a_" + 60 * "long_"),
    ]
    mesh = jax.sharding.AbstractMesh((16, 2), ("B", "M"))
    step = partir.jit(layers, mesh=mesh, schedule=schedule, device=device)
    ws = [jax.ShapeDtypeStruct((1024, 1024), np.float32)] * 12
    lowered = step.lower(ws, jax.ShapeDtypeStruct((256, 1024), np.float32))
    lowered.save_report(path)


def look(browser: str, path: Path) -> dict:
    """What the probe in a report answers."""
    page = path.read_text("utf-8").replace("<head>", f"<head>{PROBE}")
    path.write_text(FRAME.format(width=WIDTH, page=html.escape(page)), "utf-8")
    command = [
        browser,
        *("--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
        "--virtual-time-budget=5000",
        path.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r'<pre id="answer">(.+?)</pre>', done.stdout)
    if not found:
        raise SystemExit(f"the page does not answer:\n{done.stderr}")
    return json.loads(found[1])


def main() -> None:
    """Looks at a report; ends with 1 where it is not as it must be."""
    browser = shutil.which("chromium")
    if browser is None:
        raise SystemExit("needs Chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "step.html"
        save(path)
        answer = look(browser, path)
    print(answer)
    bars = answer.pop("bars")
    wanted = {
        "failures": [],
        "shown": WIDTH,
        **dict.fromkeys(("fits", "memory", "says", "zooms", "stays"), True),
    }
    sys.exit(answer != wanted or bars < 10)


if __name__ == "__main__":
    main()
