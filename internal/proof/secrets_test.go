//go:build unix

package proof

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The secrets of this file: one as people make them up, one that every
// encoding changes, one of several lines, and those of two targets.
var canaries = map[string]string{
	"TOKEN":  "Canary-Plain-0123456789",
	"ODD":    `Canary o/d+d1&e="q'<ü>%41\`,
	"KEY":    "-----BEGIN CANARY KEY-----\nCanaryLine1CanaryLine1CanaryLine1\nCanry2\n-----END CANARY KEY-----",
	"BEARER": "Canary-Bearer-3141592653",
	"BASIC":  "Canary-Basic-2718281828",
}

// echo is a server that answers with everything that it was sent, as it came
// and encoded, and that fails where the path says so.
func echo(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var sent []string
		for name, values := range r.Header {
			for _, v := range values {
				sent = append(sent, name+": "+v)
				if !strings.ContainsAny(v, "\r\n") {
					w.Header().Add("X-Echo", v)
				}
			}
		}
		all := strings.Join(sent, "\n") + "\n" + string(body)
		quoted, _ := json.Marshal(all)
		if r.URL.Path == "/fail" {
			w.WriteHeader(http.StatusTeapot)
		}
		if r.URL.Path == "/json" {
			_ = json.NewEncoder(w).Encode(map[string]any{"echo": all, all[:min(len(all), 200)]: 1})
			return
		}
		_, _ = fmt.Fprintf(w, "%s\n%s\n%s\n%s\n%s\n", all, quoted, url.QueryEscape(all),
			base64.StdEncoding.EncodeToString([]byte(all)), base64.URLEncoding.EncodeToString([]byte("x"+all)))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

const secretive = `irctl: v1
name: secretive
title: Hand secrets around
inputs:
  token: {type: string, secret: true, required: true}
  odd: {type: string, secret: true, required: true}
  key: {type: string, secret: true, required: true}
steps:
  - {id: header, uses: http, with: {url: SERVER/, headers: {Authorization: "Bearer ${{ inputs.token }}", X-Two: "a ${{ inputs.token }} b"}}}
  - {id: body, uses: http, with: {url: SERVER/json, method: POST, body: {one: "${{ inputs.odd }}", two: ["${{ inputs.key }}", 7]}}}
  - {id: refused, on_failure: continue, uses: http, with: {url: SERVER/fail, method: POST, headers: {Authorization: "${{ inputs.token }}"}, body: "${{ inputs.odd }}"}}
  - {id: unlike, on_failure: continue, uses: http, with: {url: SERVER/json, method: POST, body: "${{ inputs.token }}", expect: {json: {echo: something else}}}}
  - id: said
    uses: exec
    with:
      shell: 'for v in "$TOKEN" "$ODD" "$KEY"; do printf "%s\n" "$v"; printf "%s\n" "$v" >&2; printf "user:%s" "$v" | base64 -w 0; echo; printf "%s" "$v" | base64; done'
      env: {TOKEN: "${{ inputs.token }}", ODD: "${{ inputs.odd }}", KEY: "${{ inputs.key }}"}
  - id: halves
    uses: exec
    with:
      shell: 'printf "%.9s" "$TOKEN"; cat GATE; printf "%s\n" "${TOKEN#?????????}"'
      env: {TOKEN: "${{ inputs.token }}"}
  - id: far
    uses: exec
    with:
      shell: 'head -c 32760 /dev/zero | tr "\0" x; printf "%s" "$KEY"; head -c 32760 /dev/zero | tr "\0" y; printf "%s" "$ODD"'
      env: {ODD: "${{ inputs.odd }}", KEY: "${{ inputs.key }}"}
  - {id: cut, uses: exec, with: {shell: 'printf "%s" "$TOKEN"; printf "%s" "$TOKEN" >&2', env: {TOKEN: "${{ inputs.token }}"}, stdout_max: 20}}
  - {id: piped, uses: exec, with: {argv: [cat], stdin: "${{ inputs.key }}"}}
  - {id: broke, on_failure: continue, uses: exec, with: {shell: 'echo "cannot log in with $TOKEN" >&2; cat "/nowhere/$ODD"', env: {TOKEN: "${{ inputs.token }}", ODD: "${{ inputs.odd }}", LC_ALL: C.UTF-8}}}
  - {id: number, on_failure: continue, uses: exec, with: {argv: ["true"], env: {N: "${{ string(int(inputs.token)) }}"}}}
  - {id: mail, on_failure: continue, uses: email.suspend, target: mail, with: {notice: Away}}
  - {id: mail-basic, on_failure: continue, uses: email.suspend, target: mail-basic, with: {notice: Away}}
  - {id: sessions, on_failure: continue, uses: sessions.revoke, target: sessions, with: {account: alice}}
  - {id: kept, uses: file.write, with: {path: DIR/kept, content: "pass=${{ inputs.odd }}"}}
  - {id: ask, manual: Look at it.}
`

const secretPlaces = `irctl: v1
kind: environment
name: here
allow: {loopback: true}
secrets:
  BEARER: {env: BEARER}
  BASIC: {file: basic}
targets:
  mail:
    type: http
    config:
      base_url: SERVER
      auth: {bearer: {secret: BEARER}}
      status: {path: /fail, suspended_when: {contains: never}}
      suspend: {path: /fail}
      restore: {path: /fail}
  mail-basic:
    type: http
    config:
      base_url: SERVER
      auth: {basic: {user: irctl, password: {secret: BASIC}}}
      settle: 1ms
      status: {path: /, suspended_when: {contains: never}}
      suspend: {path: /}
      restore: {path: /}
  sessions:
    type: command
    config:
      env: {PASSWORD: {secret: BASIC}}
      revoke: {argv: [sh, -c, 'echo "$PASSWORD"; echo "$PASSWORD" >&2; exit 3']}
`

// TestSecretsAppearNowhere hands secrets to actions, targets and commands that
// give them away as best they can, and looks for them in every byte that irctl
// keeps or says.
func TestSecretsAppearNowhere(t *testing.T) {
	server := echo(t)
	p := newPlace(t)
	g := p.gate("gate")
	fill := strings.NewReplacer("SERVER", server, "GATE", g.path, "DIR", p.dir)
	book := p.write("secretive.yaml", fill.Replace(secretive))
	p.write("odd", canaries["ODD"]+"\n")
	p.write("key", canaries["KEY"]+"\n")
	p.write("basic", canaries["BASIC"]+"\n")
	p = p.with("TOKEN="+canaries["TOKEN"], "BEARER="+canaries["BEARER"], "IRCTL_ENV="+p.write("here.yaml", fill.Replace(secretPlaces)))
	given := []string{book, "--input", "token=env:TOKEN", "--input", "odd=file:" + p.path("odd"), "--input", "key=file:" + p.path("key")}

	said := map[string]string{}
	tell := func(e end, args ...string) {
		said[strings.Join(args, " ")] += e.text()
	}
	for _, args := range [][]string{
		append([]string{"plan"}, given...), append([]string{"plan", "-o", "json"}, given...),
		{"validate", book}, {"target", "check"}, {"target", "list"}, {"environment", "show", p.path("here.yaml")}, {"doctor"},
	} {
		tell(p.irctl(args...), args...)
	}
	run := p.start(append([]string{"run", "-o", "json"}, given...)...)
	g.reached(run)
	g.open()
	e := run.end()
	require.Equal(t, 4, e.code, e.stderr)
	tell(e, "run")
	id := p.run()
	require.Equal(t, map[string]string{
		"header": "succeeded", "body": "succeeded", "refused": "failed", "unlike": "failed", "said": "succeeded", "halves": "succeeded",
		"far": "succeeded", "cut": "succeeded", "piped": "succeeded", "broke": "failed", "number": "failed", "mail": "failed",
		"mail-basic": "failed", "sessions": "failed", "kept": "succeeded", "ask": "waiting",
	}, p.status().steps(), e.stdout)
	for _, args := range [][]string{
		{"note", id, "On it."}, {"note", id, "On it.", "-o", "json"}, {"status", id}, {"status", id, "--all"}, {"status", id, "-o", "json"},
		{"done", id, "ask"}, {"retry", id, "broke"}, {"resume", id}, {"rollback", id},
		{"audit", "show", id}, {"audit", "show", id, "-o", "json"}, {"audit", "verify", id}, {"audit", "verify", id, "-o", "json"},
		{"list"}, {"list", "-o", "json"}, {"status", id, "-o", "json"},
	} {
		tell(p.irctl(args...), args...)
	}
	require.Contains(t, said["audit show "+id], "[redacted]")
	for path, text := range snapshot(t, p.home) {
		said[path] = path + "\n" + text
	}
	for name, canary := range canaries {
		for form, hidden := range disguises(canary) {
			for where, text := range said {
				at := strings.Index(text, hidden)
				require.Negative(t, at, "%s, %s: %s says %q", name, form, where, text[max(at-200, 0):min(max(at, 0)+200, len(text))])
			}
		}
	}
}

// disguises are the forms in which a secret could be shown.
func disguises(secret string) map[string]string {
	quoted, _ := json.Marshal(secret)
	var plain strings.Builder
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(secret)
	out := map[string]string{
		"as it is": secret, "its beginning": secret[:16], "its end": secret[len(secret)-16:],
		"in a URL's query": url.QueryEscape(secret), "in a URL's path": url.PathEscape(secret),
		"in JSON": strings.Trim(string(quoted), `"`), "in JSON without HTML": strings.Trim(strings.TrimSpace(plain.String()), `"`),
		"as Go": strings.Trim(strconv.Quote(secret), `"`),
	}
	// In base64 a secret looks different by where it begins; what its
	// neighbours have a part in is left out.
	for shift := range 3 {
		text := strings.Repeat("x", shift) + secret
		text = text[:len(text)/3*3]
		from := []int{0, 4, 4}[shift]
		out[fmt.Sprintf("in base64, %d bytes in", shift)] = base64.StdEncoding.EncodeToString([]byte(text))[from:]
		out[fmt.Sprintf("in URL base64, %d bytes in", shift)] = base64.URLEncoding.EncodeToString([]byte(text))[from:]
	}
	for i, line := range wrapped(secret) {
		out[fmt.Sprintf("line %d of wrapped base64", i+1)] = line
	}
	for i, line := range strings.Split(secret, "\n") {
		if len(line) >= 8 { // shorter ones are no secret by themselves
			out[fmt.Sprintf("line %d", i+1)] = line
		}
	}
	return out
}

// wrapped is a secret in the lines that the program base64 makes of it, short
// ones left out.
func wrapped(secret string) []string {
	text := base64.StdEncoding.EncodeToString([]byte(secret))
	var out []string
	for ; len(text) >= 8; text = text[min(76, len(text)):] {
		out = append(out, text[:min(76, len(text))])
	}
	return out
}
