// The war room: what a stream of server-sent events says, put into the page as text.
// Nothing here makes HTML of a text.
"use strict";
const $ = (id) => document.getElementById(id);
const where = location.pathname === "/" ? "/runs" : location.pathname;
let skew = 0; // how far the server's clock is ahead of this one
let entries = [];
let lastSaid = {};
let source = null;
let lost = 0;

// el makes an element with classes and children; a text is put in as text.
function el(tag, cls, ...children) {
  const e = document.createElement(tag);
  if (cls) e.className = cls;
  for (const c of children) if (c !== "" && c != null && c !== false) e.append(c);
  return e;
}
const link = (path, text) => { const a = el("a", "", text); a.href = path; return a; };
const para = (cls, ...children) => el("p", cls, ...children);

// list shows items of a section, keeping the elements of those that are unchanged:
// focus, selection and what a screen reader reads stay where they are.
function list(id, items, key, make, more) {
  const section = $(id), box = section.querySelector("ul, ol");
  section.hidden = false;
  section.classList.toggle("empty", items.length === 0);
  const old = new Map([...box.children].map((c) => [c.dataset.key, c]));
  const next = items.map((item) => {
    const k = key(item), text = JSON.stringify(item), had = old.get(k);
    if (had && had.dataset.text === text) return had;
    const li = el("li", box.dataset.known ? "new" : "");
    li.append(...make(item));
    li.dataset.key = k;
    li.dataset.text = text;
    return li;
  });
  if (more) next.push(Object.assign(el("li", "faint", more), { dataset: {} }));
  box.dataset.known = "yes";
  next.forEach((li, i) => { if (box.children[i] !== li) box.insertBefore(li, box.children[i] || null); });
  while (box.children.length > next.length) box.lastChild.remove();
}

// stamp is a time in UTC, with the day if it is another one.
function stamp(iso) {
  if (!iso) return "";
  const day = iso.slice(0, 10), hour = iso.slice(11, 19);
  const t = el("time", "time", day === new Date(Date.now() + skew).toISOString().slice(0, 10) ? hour : day + " " + hour);
  t.dateTime = iso;
  return t;
}

// span says how long something is, in the two largest units.
function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000)), parts = [[86400, "d"], [3600, "h"], [60, "m"], [1, "s"]];
  const i = parts.findIndex(([n]) => s >= n);
  if (i < 0) return "0s";
  const [n, u] = parts[i], rest = parts[i + 1];
  return Math.floor(s / n) + u + (rest ? " " + Math.floor((s % n) / rest[0]) + rest[1] : "");
}

// Moments that count are kept up to date once a second.
function since(iso) { return counting(iso, "since"); }
function until(iso) { return counting(iso, "until"); }
function counting(iso, way) {
  if (!iso) return "";
  const e = el("span", "count");
  e.dataset.at = Date.parse(iso);
  e.dataset.way = way;
  tick(e);
  return e;
}
function tick(e) {
  const left = e.dataset.at - Date.now() - skew;
  const text = e.dataset.way === "since" ? "for " + span(-left) : left >= 0 ? span(left) + " left" : "overdue by " + span(-left);
  if (e.textContent !== text) e.textContent = text;
  if (e.dataset.way === "until") e.classList.toggle("bad", left < 0);
}

function word(status, text) { return el("span", "word " + status, text || status); }

const phrases = { approval: "to approve", manual: "to do by hand", decision: "to decide: it failed", unknown: "to find out: nobody knows whether it happened" };

function waiting(w) {
  const who = w.who && w.who.length ? w.who.join(" or ") : "anybody";
  return [
    para("", el("span", "name", w.title), " ", word("waiting", phrases[w.for] || w.for)),
    para("", "Who: ", el("strong", "", who), w.need > 1 ? ` (${w.have} of ${w.need} so far)` : "", w.signed ? ", signed" : "", ", ", since(w.since),
      w.until ? ", " : "", w.until ? until(w.until) : ""),
    w.expired && para("bad", "The time to answer is up."), w.text && para("", w.text), w.why && para("bad", w.why),
    ...(w.told || []).map((t) => para("faint", "Told: ", t)), para("faint", "At a terminal: ", el("code", "", w.command)),
  ].filter(Boolean);
}

function clock(c) {
  const runs = c.state === "running" || c.state === "held" || c.state === "missed";
  return [
    para("", el("span", "name", c.title || c.name), " ", word(c.warn && c.state !== "missed" ? "warn" : c.state, c.state)),
    c.due && runs && para("big", until(c.due)),
    c.due && para("", "Due ", stamp(c.due), c.local ? ` (${c.local})` : ""), c.who && para("faint", "To be told: ", c.who), c.text && para("faint", c.text),
  ].filter(Boolean);
}

function step(s) {
  const inside = s.inside ? ` ${s.inside.over} of ${s.inside.total} inside` : "";
  return [word(s.status), " ", el("span", "name", s.name), el("span", "faint", " " + [s.does, s.attempts > 1 && `attempt ${s.attempts}`, s.text].filter(Boolean).join("; ")), inside];
}
function running(s) { return [...step(s), " ", since(s.since), s.until ? ", " : "", s.until ? until(s.until) : ""]; }

function phase(p) {
  const name = p.name || "Steps", bar = el("progress");
  bar.max = p.total;
  bar.value = p.over;
  bar.setAttribute("aria-label", name);
  const parts = [`${p.over} of ${p.total}`, p.running && `${p.running} running`, p.waiting && `${p.waiting} waiting`, p.failed && `${p.failed} failed`].filter(Boolean);
  return [para("", el("span", "name", name), " ", parts.join(", ")), bar];
}

function row(r) {
  return [
    para("", r.exercise && !r.title.startsWith("EXERCISE") && el("strong", "", "EXERCISE "), el("span", "name", link("/run/" + encodeURIComponent(r.id), r.title || r.id)), " ", word(r.status)),
    para("faint", r.started ? "Started " : "", stamp(r.started), r.ended ? ", ended " : "", stamp(r.ended), " ", r.text),
    ...(r.incident || []).map((i) => para("", "Incident ", link("/incident/" + encodeURIComponent(i), i))),
    ...(r.waiting || []).map((w) => para("waiting", "Waits: ", w)),
  ];
}
function look(r) { return [word("", r.status), " ", el("span", "name", r.title), " ", el("span", "faint", r.text + " since "), stamp(r.started), " by run ", link("/run/" + encodeURIComponent(r.id), r.id)]; }
function entry(e) {
  return [stamp(e.time), " ", el("span", "name", e.path || "run"), " ", word(e.status || "", e.word), e.by ? el("span", "faint", " by " + e.by) : "",
    e.text ? para("", e.text) : "", e.run ? para("faint", "run ", link("/run/" + encodeURIComponent(e.run), e.run)) : ""];
}

const rest = (n, what) => n > 0 && `and ${n} more ${what}: irctl status at a terminal shows them`;

function head(name, about, exercise) {
  document.title = (exercise && !name.startsWith("EXERCISE") ? "EXERCISE: " : "") + name;
  $("title").textContent = name;
  $("about").replaceChildren(...about);
  $("exercise").hidden = !exercise;
}
function notes(texts) {
  $("notes").hidden = texts.length === 0;
  if ($("notes").dataset.text === JSON.stringify(texts)) return;
  $("notes").dataset.text = JSON.stringify(texts);
  $("notes").replaceChildren(...texts.map((t) => el("li", "", t)));
}

// say tells a screen reader what is new of what matters, in a few words.
function say(now) {
  const news = [];
  if (lastSaid.status && lastSaid.status !== now.status) news.push(`The run is ${now.status}.`);
  if (lastSaid.waiting) for (const w of now.waiting) if (!lastSaid.waiting.includes(w)) news.push(`Waiting: ${w}.`);
  lastSaid = now;
  if (news.length) $("said").textContent = news.join(" ");
}

function showRun(s) {
  if (s.problem) {
    head("Run " + s.id, [], false);
    $("state").textContent = "";
    notes(["This run cannot be shown: " + s.problem]);
    return;
  }
  head(s.title, ["Run " + s.id + " of " + s.runbook + (s.environment ? " in " + s.environment : "") + ", by " + s.by], s.exercise);
  $("up").replaceChildren(...(s.incident ? ["incident ", link("/incident/" + encodeURIComponent(s.incident), s.incident)] : []));
  $("state").replaceChildren(word(s.status), ", started ", stamp(s.started), s.ended ? ", ended " : ", ", s.ended ? stamp(s.ended) : since(s.started), s.message ? ". " + s.message : "");
  notes(s.notes || []);
  list("waiting", s.waiting || [], (w) => w.path + w.for, waiting, rest(s.cut.waiting, "waiting"));
  list("clocks", s.clocks || [], (c) => c.name, clock);
  $("clocks").hidden = !(s.clocks || []).length;
  list("running", s.running || [], (r) => r.path, running, rest(s.cut.running, "running"));
  list("phases", s.phases || [], (p) => p.name, phase);
  list("steps", s.steps || [], (r) => r.path, step, rest(s.cut.steps, "steps"));
  $("proof").hidden = false;
  const facts = [["Fingerprint", s.proof.fingerprint || "none yet"], ["As words", s.proof.words], ["Entries", String(s.proof.entries)], ["Hash of the last one", s.proof.head],
    ...(s.proof.anchors || ["nobody else remembers it"]).map((a) => ["Anchored", a])].filter(([, v]) => v);
  $("proof").querySelector("dl").replaceChildren(...facts.flatMap(([k, v]) => [el("dt", "", k), el("dd", "", v)]));
  say({ status: s.status, waiting: (s.waiting || []).map((w) => w.title) });
}

function showList(s) {
  const runs = s.runs || [], incident = s.kind === "incident";
  head(incident ? "Incident " + s.incident : "All runs", [`${runs.length} ${runs.length === 1 ? "run" : "runs"}`], runs.length > 0 && runs.every((r) => r.exercise));
  notes((s.problems || []).map((p) => "Something is missing here: " + p));
  list("runs", runs, (r) => r.id, row, s.more && "Older runs are left out: irctl list at a terminal shows them");
  if (incident) {
    list("contained", s.contained || [], (r) => r.id + r.text, look);
    timeline(s.timeline || [], s.earlier);
  }
  say({ waiting: runs.flatMap((r) => r.waiting || []) });
}

function timeline(newest, earlier) {
  list("timeline", [...newest].reverse(), (e) => e.run + e.seq + e.time + e.path + e.word, entry, earlier > 0 && `and ${earlier} earlier ones: irctl logs at a terminal shows them`);
}

function connected(text, stale) {
  $("link").textContent = text;
  $("link").classList.toggle("stale", stale);
}

function connect() {
  source = new EventSource("/live" + where);
  source.addEventListener("open", () => { lost = 0; connected("Live", false); });
  source.addEventListener("now", (e) => { skew = Number(e.data) - Date.now(); });
  source.addEventListener("state", (e) => { const s = JSON.parse(e.data); (s.kind === "run" ? showRun : showList)(s); });
  source.addEventListener("entries", (e) => {
    const got = JSON.parse(e.data);
    entries = (got.anew ? got.entries : entries.concat(got.entries)).slice(-200);
    timeline(entries, entries.length ? entries[0].seq - 1 : 0);
  });
  source.addEventListener("error", async () => {
    lost = lost || Date.now();
    connected("Not connected since " + new Date(lost + skew).toISOString().slice(11, 19) + " UTC: what stands here is old. Trying again.", true);
    if (source.readyState !== EventSource.CLOSED) return; // the browser comes back by itself
    const answer = await fetch("/reader").catch(() => null);
    if (answer && answer.status === 401) return ask("");
    setTimeout(connect, 2000);
  });
}

function ask(refused) {
  connected("Not signed in", true);
  for (const s of document.querySelectorAll("main > section")) s.hidden = s.id !== "sign";
  $("refused").textContent = refused;
  $("given").focus();
}

async function enter(token) {
  const answer = await fetch("/reader", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token }) });
  if (!answer.ok) return ask("This token is not known here. A link of irctl serve holds for as long as that runs.");
  $("sign").hidden = true;
  connect();
}

$("token").addEventListener("submit", (e) => { e.preventDefault(); enter($("given").value.trim()); });
setInterval(() => document.querySelectorAll(".count").forEach(tick), 1000);
addEventListener("beforeprint", () => { $("printed").textContent = "Printed " + new Date(Date.now() + skew).toISOString().slice(0, 19) + " UTC, " + $("link").textContent + "."; });
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) {
  history.replaceState(null, "", location.pathname); // it is in no history
  enter(token);
} else connect();
