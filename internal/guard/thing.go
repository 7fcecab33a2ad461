package guard

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// thing is what a use touches.
type thing struct {
	touch action.Touch
	name  string   // as it was given
	keys  []string // as it is counted: a text may name several accounts
	hosts []string // names and addresses by which a machine is reached
	// listed are those of a machine of a listing: wherever its target is asked, the
	// machine is meant.
	listed []string
	// target and kind, its type, are of the thing that is a target.
	target, kind string
	spec         action.Spec // of the use
	// inService says that an entry in what a target keeps is changed, such as an
	// account in a directory, and not the machine that it runs on.
	inService bool
	// description tells two targets apart whose descriptions alone say what they
	// act on; "" if it is their machine.
	description string
	unsure      bool // nobody could tell where it is
	asked       bool // by requests, and they change something elsewhere
	apart       bool // a network of its own on its machine
	direct      bool // no target, but an address that was given
}

// addresses are the fields of a target, and the inputs of an action without one,
// that say where it is.
var addresses = []string{"url", "base_url", "address", "server", "servers", "host", "hosts", "admin"}

// prose are the inputs that say something to people: to name somebody there
// touches nobody.
var prose = []string{"reason", "title", "text", "message", "subject", "summary", "description", "notice", "comment", "why"}

// things are what a use touches, and the words of all else that it is given: an
// action from elsewhere may read anything there. Both are empty for what
// changes nothing, and for what only adds and is given no account or machine.
func (g *Guard) things(ctx context.Context, u Use) ([]thing, map[string]bool) {
	commands := slices.ContainsFunc(u.Spec.Inputs, func(f action.Field) bool { return f.Argv }) // that may do anything
	claims := u.Spec.Has(action.TellsPeople) || u.Spec.Has(action.OnlyAdds) || u.Spec.Has(action.KeepsEvidence)
	named := func(f action.Field) bool { return touches(f) != "" && u.With[f.Name] != nil }
	says := claims && !slices.ContainsFunc(u.Spec.Inputs, named) // one that is given an account or a machine may do more
	switch {
	case u.Spec.Effect == action.Read, says && !commands:
		return nil, nil
	case !commands && u.Spec.EffectWith(u.With.String(u.Spec.ReadIf.Input)) == action.Read:
		return nil, nil
	}
	var out []thing
	words, marked := map[string]bool{}, false
	for _, f := range u.Spec.Inputs {
		touch := touches(f)
		if f.Touches != "" {
			marked = true
		}
		v := u.With[f.Name]
		if touch == "" {
			if slices.Contains(prose, f.Name) {
				each(v, func(text string) { words[text] = true }) // it may be no prose
			} else {
				if via, is := v.(map[string]any); is && f.Name == "via" {
					v = unsigned(via)
				}
				gather(words, v, strings.HasSuffix(f.Name, "_b64"))
			}
			continue
		}
		each(v, func(text string) {
			t := thing{touch: touch, name: text}
			switch touch {
			case action.Account:
				for _, one := range several(text) {
					t.keys = append(t.keys, "account "+accountKey(one))
				}
			case action.Machine:
				t.hosts, t.keys = []string{text}, g.machine(ctx, text)
			default:
				t.hosts = []string{text}
			}
			out = append(out, t)
		})
	}
	if claims {
		return out, words
	}
	if t, ok := g.system(ctx, u.Target, u.Spec); ok {
		form, _ := u.Spec.TargetType(t.kind)
		t.inService = t.description != "" || marked && form.Service
		if described, _ := g.describes(u.Target, action.Noun(u.Spec.Name)); t.description != "" {
			config := unsigned(described.Config)
			for _, field := range addresses {
				if marked { // where it is asked is not what it changes
					delete(config, field)
				}
			}
			gather(words, config, false)
		}
		switch {
		case t.description != "" && !marked:
			t.keys = []string{"machine " + t.name}
		case !t.inService && len(t.hosts) > 0:
			t.keys = g.machine(ctx, t.hosts[0])
		}
		return append(out, t), words
	}
	if !marked && len(u.Spec.Targets) == 0 { // else nobody knows yet which, or there is none
		t := thing{touch: action.Machine, name: u.Target}
		g.where(ctx, &t, u.With)
		if t.direct = len(t.hosts) > 0; !t.direct {
			t.hosts = here()
		}
		t.name = t.hosts[0]
		t.keys = g.machine(ctx, t.name)
		out = append(out, t)
	}
	return out, words
}

// unsigned is a copy of a config without who irctl signs in as: to sign in as an
// account changes nothing about it.
func unsigned(config map[string]any) map[string]any {
	out := maps.Clone(config)
	delete(out, "auth")
	delete(out, "user")
	if via, is := out["via"].(map[string]any); is {
		out["via"] = unsigned(via)
	}
	return out
}

// machine is how a machine is counted.
func (g *Guard) machine(ctx context.Context, text string) []string {
	return []string{"machine " + g.Lookup.canonical(ctx, text)}
}

// touches is what an input names: as its description says, or, where that says
// nothing of any input, as its name does.
func touches(f action.Field) action.Touch {
	if f.Touches != "" {
		return f.Touches
	}
	switch f.Name {
	case "account", "accounts", "user", "users", "username", "login", "mailbox", "principal":
		return action.Account
	case "host", "hosts", "hostname", "machine", "machines", "device":
		return action.Machine
	}
	return ""
}

func (g *Guard) describes(name, noun string) (Target, bool) {
	if g.Target == nil || name == "" {
		return Target{}, false
	}
	return g.Target(name, noun)
}

// manner are the fields of a described system that say how it is spoken to, and not
// which one it is.
var manner = []string{"timeout", "settle", "auth", "headers", "ca_file", "idempotency_header", "deduplicates", "via", "env", "dir", "plaintext"}

// system describes a target that a use acts on, or one that it may be. What its
// config leaves out is as its type says, if the action knows the type.
func (g *Guard) system(ctx context.Context, name string, spec action.Spec) (thing, bool) {
	t, ok := g.describes(name, action.Noun(spec.Name))
	if !ok {
		return thing{}, false
	}
	form, _ := spec.TargetType(t.Type)
	config := filled(form, t.Config)
	out := thing{touch: action.Machine, name: t.Name, target: t.Name, spec: spec, kind: t.Type}
	for _, field := range append(addresses[:len(addresses):len(addresses)], at) {
		each(config[field], func(text string) {
			if hostOf(text) != "" {
				out.hosts = append(out.hosts, text)
			}
		})
	}
	via, _ := config["via"].(map[string]any)
	if ssh, _ := via["ssh"].(string); ssh != "" {
		out.hosts = append(out.hosts, ssh)
		out.leads(g.Lookup.overSSH(ctx, via))
	} else if t.Type == "ssh" {
		out.leads(g.Lookup.overSSH(ctx, sshOf(config)))
	}
	netns, _ := config["netns"].(string)
	out.apart = netns != ""
	signedIn := false
	each(config, func(string) {}, func() { signedIn = true })
	if len(out.hosts) == 0 && form.At == "" && (form.Name != "" || !signedIn) {
		out.hosts = here()
	}
	out.hosts, out.listed = append(out.hosts, t.Hosts...), t.Hosts
	if out.asked = t.Type == "http" || form.At != ""; out.asked || t.Type == "command" && via["ssh"] == nil {
		maps.DeleteFunc(config, func(name string, _ any) bool { return slices.Contains(manner, name) })
		text, _ := json.Marshal(g.alike(ctx, config))
		sum := sha256.Sum256(text)
		out.description = fmt.Sprintf("%s %x", t.Type, sum[:12])
	}
	return out, true
}

// leads notes where ssh leads for a thing; unsure is that nobody could tell.
func (t *thing) leads(real string, unsure bool) {
	if real != "" && !slices.Contains(t.hosts, real) {
		t.hosts = append(t.hosts, real)
	}
	t.unsure = t.unsure || unsure
}

// at is the field in which [filled] puts where a system of a service is.
const at = "at:"

// filled is a copy of a config with the defaults of its type.
func filled(form action.TargetType, config map[string]any) map[string]any {
	out := maps.Clone(config)
	if out == nil {
		out = map[string]any{}
	}
	var values []string
	for _, f := range form.Fields {
		if _, given := out[f.Name]; !given && f.Default != nil {
			out[f.Name] = f.Default
		}
		if text, is := out[f.Name].(string); is {
			values = append(values, "${{ config."+f.Name+" }}", text, "${{config."+f.Name+"}}", text)
		}
	}
	if form.At != "" {
		out[at] = strings.NewReplacer(values...).Replace(form.At)
	}
	return out
}

// alike is a value with one form for each address in it.
func (g *Guard) alike(ctx context.Context, v any) any {
	switch v := v.(type) {
	case string:
		if u, err := url.Parse(v); err == nil && u.Host != "" {
			port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme], u.Scheme)
			return g.Lookup.canonical(ctx, u.Hostname()) + ":" + port + strings.TrimRight(path.Clean("/"+u.Path), "/") + "?" + u.RawQuery
		}
		if strings.HasPrefix(v, "/") {
			return path.Clean(v)
		}
	case map[string]any:
		out := maps.Clone(v)
		for k := range out {
			out[k] = g.alike(ctx, out[k])
		}
		return out
	case []any:
		out := slices.Clone(v)
		for i := range out {
			out[i] = g.alike(ctx, out[i])
		}
		return out
	}
	return v
}

// sshOf is the config of a target of type ssh in the form of via.
func sshOf(config map[string]any) map[string]any {
	out := map[string]any{"ssh": config["host"]}
	for _, f := range []string{"user", "port", "identity", "known_hosts", "config", "options"} {
		if v, ok := config[f]; ok {
			out[f] = v
		}
	}
	return out
}

// where adds on which machine an action without a target acts, as its inputs say.
func (g *Guard) where(ctx context.Context, t *thing, with action.Values) {
	via := with.Map("via")
	if ssh := via.String("ssh"); ssh != "" {
		t.hosts = []string{ssh}
		t.leads(g.Lookup.overSSH(ctx, via))
		return
	}
	for _, field := range addresses {
		if text := with.String(field); hostOf(text) != "" {
			t.hosts = []string{text}
			return
		}
	}
}
