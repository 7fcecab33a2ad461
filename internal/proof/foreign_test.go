//go:build unix

package proof

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// The texts of this file: what moves the cursor, renames the window, turns the
// reading direction, and is not even text; and a line of a megabyte.
const (
	hostile = "\x1b[2J\x1b]0;owned\x07\x1b[31mred\u009b1m\x08\x7f\u202eltr\u2066\u200b\ufeff\u2028next"
	broken  = hostile + "\xff\xfe\xc3\x28\xed\xa0\x80\x00\r\nline\rover\x1bPq#1\x1b\\"
)

var megabyte = strings.Repeat("wide ", 1<<20/5)

const foreign = `irctl: v1
name: foreign
title: HOSTILE
description: HOSTILE
inputs:
  from: {type: string, required: true, description: HOSTILE}
steps:
  - {id: noise, title: HOSTILE, uses: exec, with: {argv: [cat, DIR/noise], stdout_max: 65000}}
  - {id: loud, on_failure: continue, uses: exec, with: {shell: "cat DIR/noise >&2; exit 3"}}
  - {id: web, uses: http, with: {url: SERVER/good}}
  - {id: short, uses: http, with: {url: SERVER/short}}
  - {id: bad-web, on_failure: continue, uses: http, with: {url: SERVER/bad, expect: {contains: never}}}
  - {id: wild-web, on_failure: continue, uses: http, with: {url: SERVER/wild}}
  - {id: missing, on_failure: continue, uses: exec, with: {argv: ["/nowhere/HOSTILE", HOSTILE]}}
  - {id: keep, set: {text: "${{ steps.noise.outputs.stdout }}", given: "${{ inputs.from }}"}}
  - {id: claim, on_failure: continue, uses: assert, with: {that: false, message: "${{ vars.text }}"}}
  - id: each
    foreach: ["HOSTILE", "${{ inputs.from }}", "${{ steps.short.outputs.body }}"]
    as: item
    do:
      - {id: one, title: "On ${{ item }}", set: {seen: "${{ item }}"}}
  - {id: ask, title: HOSTILE, manual: "Read ${{ vars.text }} HOSTILE", outputs: {answer: {type: string, description: HOSTILE}}}
  - {id: fail, uses: exec, with: {argv: ["false"]}, fallback: HOSTILE}
outputs:
  text: "${{ vars.text }}"
`

// TestForeignTextIsHarmless: nothing that a terminal would obey reaches one,
// whoever it comes from, and no line is without end.
func TestForeignTextIsHarmless(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["X-Hostile"] = []string{"\u202e\u009b31m\xff\u200b"} // no client takes an ASCII control there
		if r.URL.Path == "/wild" {
			w.Header()["X-Hostile"] = []string{"\x1b[2J"}
		}
		if r.URL.Path == "/bad" {
			w.WriteHeader(http.StatusTeapot)
		}
		if _, _ = w.Write([]byte(broken)); r.URL.Path != "/short" {
			_, _ = w.Write([]byte("\n" + megabyte))
		}
	}))
	t.Cleanup(server.Close)
	p := newPlace(t)
	p.write("noise", broken+"\n"+megabyte+"\n"+broken)
	quoted := strconv.QuoteToASCII(hostile) // an escape of Go is one of YAML
	inner := strings.Trim(quoted, `"`)
	text := strings.NewReplacer(`"HOSTILE"`, quoted, "/HOSTILE", "/"+inner, " HOSTILE\"", " "+inner+`"`, "HOSTILE", quoted, "DIR", p.dir, "SERVER", server.URL).Replace(foreign)
	book := p.write("foreign.yaml", text)
	raw := p.write("raw.yaml", strings.ReplaceAll(foreign, "HOSTILE", broken))
	odd := p.write("odd\x1b[2J\u202e.yaml", strings.Replace(text, "noise", "nosie", 1))
	p = p.with("IRCTL_ENV=" + p.write("here.yaml", "irctl: v1\nkind: environment\nname: here\ntitle: "+quoted+"\nallow: {loopback: true}\n"))

	for _, args := range [][]string{
		{"validate", book, raw, odd}, {"run", raw}, {"run", odd}, {"run", hostile}, {"run", "./" + hostile + ".yaml"}, {"runbook", "show", book},
		{"plan", book, "--input", "from=" + hostile}, {"plan", book}, {"run", book, "--input", hostile + "=1"}, {"status", hostile}, {hostile}, {"status", "--" + hostile},
		{"environment", "show", p.path("here.yaml")}, {"run", book, "--env", hostile}, {"run", book, "--input", "from=\xff"},
	} {
		harmless(t, p.irctl(args...), args)
	}
	e := p.irctl("run", book, "--input", "from="+hostile+megabyte[:50_000])
	harmless(t, e, []string{"run"})
	require.Equal(t, 4, e.code, e.stderr)
	id := p.runs()[0]
	for _, args := range [][]string{
		{"note", id, hostile + megabyte[:50_000]}, {"note", id, broken[:strings.IndexByte(broken, 0)]}, {"status", id}, {"status", id, "--all"},
		{"done", id, hostile}, {"done", id, "ask", "--set", hostile + "=1"}, {"skip", id, "ask/" + hostile}, {"pause", id, "--reason", hostile},
		{"resume", id}, {"done", id, "ask", "--set", "answer=" + hostile, "--as", hostile}, {"done", id, "ask", "--set", "answer=" + hostile},
		{"resume", id}, {"retry", id, "fail", "--reason", hostile}, {"resume", id}, {"done", id, "fail"}, {"resume", id},
		{"status", id}, {"status", id, "--all"}, {"list"}, {"audit", "show", id}, {"audit", "verify", id}, {"rollback", id, "--reason", hostile}, {"audit", "show", id},
	} {
		harmless(t, p.irctl(args...), args)
	}
	stand := p.status()
	require.Equal(t, "succeeded", stand.Status)
	for path, status := range map[string]string{
		"noise": "succeeded", "loud": "failed", "web": "succeeded", "bad-web": "failed", "wild-web": "failed", "missing": "failed",
		"claim": "failed", "each": "succeeded", "ask": "succeeded", "fail": "succeeded",
	} {
		require.Equal(t, status, stand.steps()[path], path)
	}
	for _, run := range p.runs() {
		for _, line := range p.lines("home/runs/" + run + "/journal.jsonl") {
			require.True(t, utf8.ValidString(line) && json.Valid([]byte(line)), "%q", head(line))
			require.Less(t, len(line), 1<<20)
		}
	}
	require.Equal(t, "intact", p.verify().Verdict)
	require.True(t, json.Valid([]byte(p.must(0, "status", id, "-o", "json").stdout)))
}

// harmless fails if something that a command said could do anything to a
// terminal, or does not end.
func harmless(t *testing.T, e end, args []string) {
	t.Helper()
	require.NotEqual(t, 2, e.code, "%q: %s", args, head(e.stderr))
	require.NotEmpty(t, e.text(), "%q", args)
	for _, text := range []string{e.stdout, e.stderr} {
		require.True(t, utf8.ValidString(text), "%q", args)
		for line := range strings.Lines(text) {
			require.Less(t, utf8.RuneCountInString(line), 2000, "%q says %q", heads(args), head(line))
			at := strings.IndexFunc(line, func(r rune) bool { return r != '\n' && r != '\t' && obeyed(r) })
			require.Negative(t, at, "%q says %q", heads(args), line[max(0, at-200):])
		}
	}
}

// obeyed reports whether a terminal would not show a character, but do
// something: a control, or one that turns or hides text.
func obeyed(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff:
		return true
	}
	return false
}

// head is the beginning of a text, for messages.
func head(s string) string { return s[:min(len(s), 400)] }

func heads(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = head(a)
	}
	return out
}
