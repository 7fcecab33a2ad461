// A browser that a test leads: one JSON request a line on standard input, one answer
// a line on standard output. It notes every request, and what its console says.
"use strict";
const { chromium } = require("playwright-core");
const fs = require("fs");

const asked = [], said = [];
let page, browser;

const does = {
  async open({ url, width, height, dark }) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? "dark" : "light", bypassCSP: false });
    page = await context.newPage();
    page.setDefaultTimeout(120000);
    page.on("request", (r) => asked.push(r.url()));
    page.on("console", (m) => said.push(m.text()));
    page.on("pageerror", (e) => said.push(e.message));
    page.on("dialog", (d) => { said.push("a dialog: " + d.message()); d.dismiss(); });
    await page.goto(url);
  },
  // see waits until a place of the page has a text, and gives all of it.
  async see({ at, text }) {
    const place = page.locator(at).filter({ hasText: text }).first();
    await place.waitFor();
    return place.innerText();
  },
  click: ({ at }) => page.locator(at).first().click(),
  fill: ({ at, text }) => page.locator(at).first().fill(text),
  press: ({ key }) => page.keyboard.press(key),
  focus: () => page.evaluate(() => document.activeElement.tagName + " " + document.activeElement.textContent),
  markup: ({ at }) => page.locator(at).evaluateAll((found) => found.map((e) => e.outerHTML)),
  wide: () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
  // axe needs no script of its page to run in: what it finds comes back.
  async axe() {
    await page.evaluate(fs.readFileSync(require.resolve("axe-core"), "utf8"));
    const found = await page.evaluate(() => axe.run());
    return { passes: found.passes.length, violations: found.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" ")) };
  },
  async pages() { return (await page.pdf({ format: "A4" })).toString("latin1").split("/Type /Page\n").length - 1; },
  asked: () => asked,
  said: () => said,
};

(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  for await (const line of require("readline").createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let answer;
    try { answer = { result: (await does[request.do](request)) ?? null }; } catch (e) { answer = { error: String(e.message) }; }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
  await browser.close();
})();
