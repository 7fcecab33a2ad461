package contract

import (
	"encoding/base64"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/internal/sent"
	"github.com/irctl/irctl/pkg/action"
)

// change is what the log must show of a change, by the type of target.
var change = map[string]string{
	"postgres":         `: (ALTER ROLE "|SELECT pg_catalog.pg_terminate_backend)`,
	"ldap":             `: (modify|set the password of) `,
	"active-directory": `: modify `,
	"redis":            `(?i): (acl setuser|client kill) `,
	"linux-user":       `(usermod|chage|chpasswd|pkill|sh) `,
	"ssh-keys":         `: (write .*_keys \(\d+ bytes\)|sh -c .kill )`,
	"htpasswd":         `: (write .*\(\d+ bytes\)|remove /)`,
	"dovecot":          `(write .*\(\d+ bytes\)|doveadm )`,
	"postfix":          `postconf |postmap `,
	"rfc2136":          `: UPDATE `,
	"nftables":         `nft `,
	"nginx":            `: (write .*\(\d+ bytes\)|remove /)`,
	"haproxy":          `set server .* state (maint|ready|drain)|(add|del) acl `,
	"apache":           `: (write .*\(\d+ bytes\)|remove /)`,
	"maintenance-page": `: (write .*\(\d+ bytes\)|remove /)`,
	"smtp":             `: RCPT TO:<dana@example.com>(?s:.)*: DATA`,
	"syslog":           `Closed`,
	"caddy":            `(POST|PATCH|PUT|DELETE) `,
	"alertmanager":     `(POST|DELETE) `,
	"webhook":          `POST `,
	"request-tracker":  `(POST|PUT) `,
	"restic":           `restic `,
}

// TestTheLogShowsWhatIsSent holds that whoever reads the log of an attempt sees
// each command and request that went to the system, and no secret in it.
func TestTheLogShowsWhatIsSent(t *testing.T) {
	builtin := registry.Builtin()
	for _, name := range builtin.Names() {
		a, _ := builtin.Lookup(name)
		for _, form := range a.Spec().Targets {
			start := hosts[name+" on "+form.Name]
			if s := standIns[form.Name]; start == nil {
				if _, ok := s.verbs[name]; !ok {
					continue
				}
				start = s.start
			}
			t.Run(name+" on "+form.Name, func(t *testing.T) {
				t.Parallel()
				s := start(t, a)
				req, out := s.Request(), &actiontest.Sink{}
				var mu sync.Mutex
				var heard []string
				ctx := sent.Heard(hurry(t.Context(), s), func(text string) {
					mu.Lock()
					defer mu.Unlock()
					heard = append(heard, text)
				})
				_, err := a.Run(ctx, req, out)
				require.NoError(t, err)
				text := strings.Join(heard, "\n")
				require.NotEmpty(t, text)
				require.Regexp(t, change[form.Name], text)
				for _, secret := range secretsIn(req.Target.Config, out.Recorded()) {
					require.NotContains(t, text, secret)
					require.NotContains(t, text, base64.StdEncoding.EncodeToString([]byte("\x00incident\x00"+secret)), "AUTH PLAIN")
				}
				require.NotRegexp(t, `SCRAM-SHA-256\$\d|#[0-9a-f]{64}|\$(apr1|2y|5|6|y)\$`, text, "what is kept of a password")
			})
		}
	}
}

// secretsIn are the secrets among values, wherever they are.
func secretsIn(values ...any) (out []string) {
	for _, v := range values {
		switch v := v.(type) {
		case action.Secret:
			if text := v.Reveal(); len(text) > 3 {
				out = append(out, text)
			}
		case action.Values:
			out = append(out, secretsIn(map[string]any(v))...)
		case map[string]any:
			for _, inner := range v {
				out = append(out, secretsIn(inner)...)
			}
		case []any:
			out = append(out, secretsIn(v...)...)
		}
	}
	return out
}
