//go:build unix

package real

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
)

// readied brings a daemon into that state, and returns a target's config and
// what can be seen of it.
type readied func(t *testing.T, verb string) (config map[string]any, state func() string)

// daemons are target types whose stand-ins the daemon itself can take the place
// of. Each makes, once, what brings alice into the state in which a verb has
// something to do.
var daemons = map[string]func(t *testing.T) (with action.Values, ready readied){
	"postgres": func(t *testing.T) (action.Values, readied) {
		p := StartPostgres(t)
		config := map[string]any{"address": p.Address(0), "admin": IrctlRole, "admin_password": action.NewSecret(Password(IrctlRole))}
		return action.Values{"account": "alice"}, func(t *testing.T, verb string) (map[string]any, func() string) {
			p.Ask(t, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'alice'")
			p.Ask(t, "ALTER ROLE alice LOGIN PASSWORD '"+Password("alice")+"'")
			p.Open(t, "alice", Password("alice"))
			if verb == "account.enable" {
				p.Ask(t, "ALTER ROLE alice NOLOGIN")
			}
			first := p.Ask(t, "SELECT rolpassword FROM pg_authid WHERE rolname = 'alice'")
			return config, func() string {
				return p.Ask(t, "SELECT rolcanlogin, rolconnlimit, rolpassword = '"+first+"', (SELECT count(*) FROM pg_stat_activity WHERE usename = rolname AND application_name = 'psql') FROM pg_authid WHERE rolname = 'alice'")
			}
		}
	},
	"redis": func(t *testing.T) (action.Values, readied) {
		r := StartRedis(t)
		config := map[string]any{"address": r.Address(0), "admin": IrctlRole, "admin_password": action.NewSecret(Password(IrctlRole))}
		hash, old := regexp.MustCompile("#[0-9a-f]{64}"), fmt.Sprintf("#%x", sha256.Sum256([]byte(Password("alice"))))
		return action.Values{"account": "alice"}, func(t *testing.T, verb string) (map[string]any, func() string) {
			r.Ask(t, "CLIENT KILL USER alice")
			r.Ask(t, "ACL SETUSER alice on resetpass "+old)
			r.Open(t, "alice", Password("alice"))
			if verb == "account.enable" {
				r.Ask(t, "ACL SETUSER alice off")
			}
			r.Ask(t, "ACL SAVE")
			return config, func() string {
				users := hash.ReplaceAllStringFunc(strings.Join(r.Users(t), "\n"), func(h string) string {
					return map[bool]string{true: "#old", false: "#other"}[h == old]
				})
				return fmt.Sprintf("%s\n%d connections", users, strings.Count(r.Ask(t, "CLIENT LIST"), " user=alice "))
			}
		}
	},
	"ldap": func(t *testing.T) (action.Values, readied) {
		s := StartSlapd(t)
		config := map[string]any{
			"url": s.URL(), "bind_dn": Irctl, "bind_password": action.NewSecret(IrctlPassword), "base_dn": People, "default_policy": Policy,
		}
		return action.Values{"account": "alice"}, func(t *testing.T, verb string) (map[string]any, func() string) {
			s.modify(t, Person("alice"), "replace: pwdAccountLockedTime")
			s.modify(t, Person("alice"), "replace: userPassword\nuserPassword: "+Password("alice"))
			if verb == "account.enable" {
				s.modify(t, Person("alice"), "replace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z")
			}
			return config, func() string {
				locked := strings.Count(strings.Join(s.Content(t), "\n"), "pwdAccountLockedTime: 000001010000Z")
				return fmt.Sprintf("locked %d, signs in as before %t", locked, s.Accepts(t, Person("alice"), Password("alice")))
			}
		}
	},
	"rfc2136": func(t *testing.T) (action.Values, readied) {
		n := StartNamed(t)
		config := map[string]any{"server": n.Address(0), "zone": "example.com", "key_name": NamedKey, "key_secret": action.NewSecret(NamedSecret), "check_name": "www"}
		blocking := map[string]any{"server": n.Address(0), "zone": "rpz.example.net", "key_name": NamedKey, "key_secret": action.NewSecret(NamedSecret)}
		with := action.Values{"name": "www", "type": "A", "records": []any{"198.51.100.80"}, "ttl": 30 * time.Second, "values": []any{"ns1.example.com"}}
		return with, func(t *testing.T, verb string) (map[string]any, func() string) {
			if action.Noun(verb) == "block" {
				n.Update(t, "zone rpz.example.net", "update delete ns1.example.com.rpz.example.net CNAME", "update delete *.ns1.example.com.rpz.example.net CNAME")
				return blocking, func() string {
					rules := slices.DeleteFunc(n.transfer(t, "rpz.example.net"), func(line string) bool { return strings.Contains(line, "SOA") })
					return fmt.Sprint(rules, n.Answer(t, "ns1.example.com", "A"))
				}
			}
			n.Update(t, "update delete www.example.com A", "update add www.example.com 77 A 198.51.100.10")
			return config, func() string { return strings.Join(n.Answer(t, "www.example.com", "A"), " ") }
		}
	},
	"ssh-keys": func(t *testing.T) (action.Values, readied) {
		g := newGate(t, 1)
		alice := g.accounts[0]
		first, laptop := g.files(t), g.key(alice.Name, "laptop")
		return action.Values{"account": alice.Name}, func(t *testing.T, verb string) (map[string]any, func() string) {
			for path, text := range first {
				require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
			}
			session := shell{g.OpenAs(t, alice.Name, keyFile(t, laptop))}
			require.True(t, session.Alive())
			if verb == "account.enable" {
				for _, key := range []string{"laptop.pub", "phone.pub"} {
					pub, err := os.ReadFile(filepath.Join(alice.Home, key))
					require.NoError(t, err)
					now, err := os.ReadFile(g.File("revoked_keys"))
					require.NoError(t, err)
					require.NoError(t, os.WriteFile(g.File("revoked_keys"), []byte(string(now)+"\n"+string(pub)), 0o600))
				}
			}
			before := g.files(t)
			return map[string]any{"config": g.File("sshd_config")}, func() string {
				said := fmt.Sprintf("session %t", session.Alive())
				if verb != "sessions.revoke" { // which would count the sign-in
					said += fmt.Sprintf(", laptop %t", g.Accepts(t, alice.Name, keyFile(t, laptop)))
				}
				files := g.files(t)
				for _, path := range slices.Sorted(maps.Keys(files)) {
					if now := files[path]; now != before[path] {
						said += fmt.Sprintf(", %d lines of %s changed", strings.Count(now, "\n"), filepath.Base(path))
					}
				}
				return said
			}
		}
	},
	"dovecot": func(t *testing.T) (action.Values, readied) {
		d := StartDovecot(t)
		config := map[string]any{"config": d.File("dovecot.conf"), "deny_file": d.File("deny")}
		return action.Values{"account": "alice", "notice": "Closed"}, func(t *testing.T, verb string) (map[string]any, func() string) {
			denied := Denied
			if verb == "account.enable" {
				denied += "alice\n"
			}
			require.NoError(t, d.Write("deny", Denied))
			run(t, "doveadm", "-c", d.File("dovecot.conf"), "auth", "cache", "flush")
			if verb == "sessions.revoke" {
				d.SignIn(t, "alice")
			}
			require.NoError(t, d.Write("deny", denied))
			return config, func() string { return fmt.Sprintf("%s, %d sessions", d.Deny(t), d.Sessions(t, "alice")) }
		}
	},
	"postfix": func(t *testing.T) (action.Values, readied) {
		blocks := StartPostfix(t)
		blocked, err := os.ReadFile(blocks.File("blocked"))
		require.NoError(t, err)
		return action.Values{"notice": "Closed", "values": []any{"good@evil.example"}}, func(t *testing.T, verb string) (map[string]any, func() string) {
			if action.Noun(verb) == "block" {
				index := "hash:" + blocks.File("blocked")
				require.NoError(t, os.WriteFile(blocks.File("blocked"), blocked, 0o644))
				blocks.client(t, "postmap", index)
				return map[string]any{"config_directory": blocks.Config(), "map": index}, func() string {
					file, err := os.ReadFile(blocks.File("blocked"))
					require.NoError(t, err)
					return string(file) + blocks.client(t, "postmap", "-s", index)
				}
			}
			p := newPostfix(t) // a new one: its queue has ids of its own
			return map[string]any{"config_directory": p.Config(), "smtp": p.Address(0)}, func() string {
				held, free := p.Queue(t)
				said := fmt.Sprintf("%d held, theirs %t, the other %t; %d wait; takes mail %t\n%v", len(held), slices.Contains(held, p.theirs),
					slices.Contains(held, p.waiting), len(free), takesMail(p.Address(0)), p.Files(t))
				return strings.NewReplacer(filepath.Base(p.Dir), "DIR", p.theirs, "THEIRS", p.waiting, "WAITING", fmt.Sprint(p.Ports[0]), "PORT", fmt.Sprint(p.Inbox.Port), "INBOX").Replace(said)
			}
		}
	},
	"nginx": func(t *testing.T) (action.Values, readied) {
		return action.Values{"message": "Closed"}, func(t *testing.T, _ string) (map[string]any, func() string) {
			n := StartNginx(t, teams) // a new one, because workers of a reloaded one answer for a while
			config := map[string]any{
				"check_url": "http://" + n.Address(0) + "/", "include": n.File("site.conf"), "page": n.File("closed.html"), "command": texts(n.Argv()),
			}
			return config, func() string {
				return strings.ReplaceAll(fmt.Sprint(tree(t, n.File("[cs]*.[ch]*"), false)), n.Dir, "DIR")
			}
		}
	},
}

// texts is a list as an environment has it.
func texts(words []string) []any {
	var out []any
	for _, w := range words {
		out = append(out, w)
	}
	return out
}

// before says which verb brings a daemon into the state that another ends.
var before = map[string]string{"block.remove": "block.add", "email.restore": "email.suspend", "website.restore": "website.suspend"}

// TestContractOnDaemons holds the actions to what internal/contract holds them
// to with stand-ins, but for what befalls single interactions.
func TestContractOnDaemons(t *testing.T) {
	builtin := registry.Builtin()
	for form, start := range daemons {
		t.Run(form, func(t *testing.T) {
			with, ready := start(t)
			tried := 0
			for _, name := range builtin.Names() {
				a, _ := builtin.Lookup(name)
				spec := a.Spec()
				kind, ok := spec.TargetType(form)
				if !ok {
					continue
				}
				tried++
				t.Run(name, func(t *testing.T) {
					actiontest.Contract{Action: a, Anew: name == "credentials.rotate", Start: func(under actiontest.T) actiontest.StandIn {
						t := under.(actiontest.Under).T
						config, state := ready(t, name)
						values, problems := coerce.Fields(kind.Fields, config)
						require.Empty(t, problems)
						request := func(spec action.Spec) action.Request {
							return action.Request{
								Run: "01JD", Runbook: "trial", Path: "step", Attempt: 1, Key: "01JD/step", Dir: t.TempDir(),
								With:   actiontest.Fill(spec.Inputs, with),
								Target: action.Target{Name: "target", Type: form, Config: values},
								Allow:  action.Allow{Loopback: true}, Secrets: &actiontest.Secrets{},
							}
						}
						if first, ok := builtin.Lookup(before[name]); ok {
							_, err := first.Run(t.Context(), request(first.Spec()), &actiontest.Sink{})
							require.NoError(t, err)
						}
						return actual{state, request(spec)}
					}}.Test(actiontest.Under{T: t})
				})
			}
			require.NotZero(t, tried)
		})
	}
}

// actual is a daemon in the place of a stand-in: nothing befalls it.
type actual struct {
	state func() string
	req   action.Request
}

func (a actual) Request() action.Request  { return a.req }
func (a actual) State() string            { return a.state() }
func (actual) Faults() *actiontest.Faults { return nil }
