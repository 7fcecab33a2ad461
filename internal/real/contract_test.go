//go:build unix

package real

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
)

// daemons are target types whose stand-ins the daemon itself can take the place
// of. Each makes, once, what brings alice into the state in which a verb has
// something to do.
var daemons = map[string]func(t *testing.T) func(t *testing.T, verb string) (config map[string]any, state func() string){
	"postgres": func(t *testing.T) func(*testing.T, string) (map[string]any, func() string) {
		p := StartPostgres(t)
		config := map[string]any{"address": p.Address(0), "admin": IrctlRole, "admin_password": action.NewSecret(Password(IrctlRole))}
		return func(t *testing.T, verb string) (map[string]any, func() string) {
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
	"redis": func(t *testing.T) func(*testing.T, string) (map[string]any, func() string) {
		r := StartRedis(t)
		config := map[string]any{"address": r.Address(0), "admin": IrctlRole, "admin_password": action.NewSecret(Password(IrctlRole))}
		hash, old := regexp.MustCompile("#[0-9a-f]{64}"), fmt.Sprintf("#%x", sha256.Sum256([]byte(Password("alice"))))
		return func(t *testing.T, verb string) (map[string]any, func() string) {
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
	"ldap": func(t *testing.T) func(*testing.T, string) (map[string]any, func() string) {
		s := StartSlapd(t)
		config := map[string]any{
			"url": s.URL(), "bind_dn": Irctl, "bind_password": action.NewSecret(IrctlPassword), "base_dn": People, "default_policy": Policy,
		}
		return func(t *testing.T, verb string) (map[string]any, func() string) {
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
}

// TestContractOnDaemons holds the actions to what internal/contract holds them
// to with stand-ins, but for what befalls single interactions.
func TestContractOnDaemons(t *testing.T) {
	builtin := registry.Builtin()
	for form, start := range daemons {
		t.Run(form, func(t *testing.T) {
			ready, tried := start(t), 0
			for _, name := range builtin.Names() {
				a, _ := builtin.Lookup(name)
				spec := a.Spec()
				kind, ok := spec.TargetType(form)
				if !ok {
					continue
				}
				tried++
				t.Run(name, func(t *testing.T) {
					actiontest.Contract{Action: a, Anew: name == "credentials.rotate", Start: func(t *testing.T) actiontest.StandIn {
						config, state := ready(t, name)
						values, problems := coerce.Fields(kind.Fields, config)
						require.Empty(t, problems)
						return actual{state, action.Request{
							Run: "01JD", Runbook: "trial", Path: "step", Attempt: 1, Key: "01JD/step", Dir: t.TempDir(),
							With:   actiontest.Fill(spec.Inputs, action.Values{"account": "alice"}),
							Target: action.Target{Name: "target", Type: form, Config: values},
							Allow:  action.Allow{Loopback: true}, Secrets: &actiontest.Secrets{},
						}}
					}}.Test(t)
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
