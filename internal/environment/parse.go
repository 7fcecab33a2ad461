package environment

import (
	"cmp"
	"maps"
	"slices"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// Parse reads an environment file. It reports every problem at once and
// returns what it could read; the environment is nil if nothing could be, and
// then there is at least one error. file may be relative to the working
// folder; the paths inside are relative to file's folder.
func Parse(file string, src []byte) (*Environment, runbook.Diagnostics) {
	p := &parser{env: &Environment{File: file, Source: src, values: map[string]string{}, secrets: map[string]source{}, spots: map[string]runbook.Span{}}}
	m := p.File(file, src, "environment", "an environment", fileTable)
	if m == nil {
		return nil, p.Diagnostics()
	}
	p.file(m)
	return p.env, p.Diagnostics()
}

type parser struct {
	language.Decoder
	env      *Environment
	declared []runbook.Text      // names of secrets, declared as they should be
	used     []runbook.Text      // {secret: NAME} in the targets
	anchored []runbook.Text      // targets of anchors
	protects []*language.Mapping // entries of what is protected, and the limits
}

func (p *parser) file(m *language.Mapping) {
	p.env.name = m.Name("name", language.StepName).Value
	p.env.Title = m.Text("title").Value
	p.env.Runbooks = words(m.Texts("runbooks"))
	p.env.allow = p.allow(m.Fields("allow", "`allow`", allowTable))
	for _, pair := range m.Entries("values", language.VariableName) {
		p.env.values[pair.Key.Value] = p.Text(pair).Value
	}
	p.secrets(m)
	p.passed(m)
	p.newSecrets(m)
	for _, pair := range m.Entries("people", language.StepName) {
		p.person(pair)
	}
	p.env.revoked = p.revoked(m)
	p.env.revoke(p.env.revoked)
	p.seats()
	for _, pair := range m.Entries("targets", language.StepName) {
		p.target(pair)
	}
	p.groups(m)
	p.env.rules = p.rules(m)
	p.protectedNames()
	p.notify(m)
	p.clocks(m)
	p.playbooks(m.Fields("playbooks", "`playbooks`", playbooksTable))
	p.env.runbooks = p.signing(m, "signed_runbooks", p.env.revoked)
	p.anchors(m)
	p.anchorTargets()
	p.secretNames()
}

func (p *parser) allow(m *language.Mapping) action.Allow {
	loopback, _ := m.Bool("loopback")
	linkLocal, _ := m.Bool("link_local")
	for _, name := range []string{"loopback", "link_local"} {
		p.env.spots[name] = m.Key(name).Span
	}
	for _, text := range m.Texts("networks") {
		p.env.spots[text.Value] = text.Span
	}
	return action.Allow{Loopback: loopback, LinkLocal: linkLocal, Networks: p.networks(m)}
}

var BadPassed = codes.Error("IR0416", "variable that is not passed on",
	"Commands inherit few variables of irctl's, because the others may hold secrets. `pass` names more of them, such as HTTPS_PROXY or SSL_CERT_FILE. A secret is never passed like that: every command would have it.")

// passed reads which variables commands inherit.
func (p *parser) passed(m *language.Mapping) {
	for _, name := range m.Texts("pass") {
		secret := func(s source) bool { return s.env == name.Value }
		switch {
		case !variable().MatchString(name.Value):
			p.Report(BadPassed, name.Span, "write its name, as in HTTPS_PROXY", "`%s` is not the name of a variable", action.CleanLine(name.Value, 40))
		case slices.ContainsFunc(slices.Collect(maps.Values(p.env.secrets)), secret):
			p.Report(BadPassed, name.Span, "give it to the one target or step that needs it, as {secret: NAME}", "`%s` holds a secret, which every command would inherit", name.Value)
		default:
			p.env.pass = append(p.env.pass, name.Value)
		}
	}
}

var variable = pattern.Late(`^[A-Za-z_][A-Za-z0-9_]*$`)

var SecretPlace = codes.Error("IR0405", "secret lies in no place, or in several",
	"A secret has one of `file`, `env`, `exec` and `age`, and the last goes with `identity`.")

// secrets reads where secrets lie.
func (p *parser) secrets(m *language.Mapping) {
	for _, pair := range m.Entries("secrets", language.ConstantName) {
		name := pair.Key.Value
		p.env.secrets[name] = source{} // declared, whatever is wrong with it
		if pair.Value.Kind != runbook.MapValue {
			p.Report(SecretInFile, besides(pair.Value.Span, m.Key("secrets").Span), secretForms, "the secret `%s` must not stand in the file", name)
			continue
		}
		inner := p.Fields(pair.Value, "`"+name+"`", secretTable)
		given := 0
		for _, k := range secretTable.OneOf {
			if inner.Has(k) {
				given++
			}
		}
		if given != 1 {
			p.Report(SecretPlace, pair.Key.Span, secretForms, "`%s` must name one place, it names %d", name, given)
			continue
		}
		s := source{
			file: inner.Text("file").Value, env: inner.Text("env").Value, exec: words(inner.Texts("exec")),
			age: inner.Text("age").Value, identity: inner.Text("identity").Value, at: pair.Key.Span,
		}
		if (s.age != "") != (s.identity != "") {
			p.Report(SecretPlace, pair.Key.Span, "write {age: PATH, identity: PATH}", "`%s`: age and identity go together", name)
			continue
		}
		p.env.secrets[name] = s
		p.declared = append(p.declared, pair.Key)
	}
}

const secretForms = "write where it lies: {file: PATH}, {env: NAME}, {exec: [PROGRAM, ...]} or {age: PATH, identity: PATH}"

var UnclearSecretStore = codes.Error("IR0411", "place of new secrets is not clear",
	"`new_secrets` names a folder, whose files may be encrypted with age to those who may read them, or a program that stores what it reads from its input.")

// newSecrets reads where new credentials go.
func (p *parser) newSecrets(m *language.Mapping) {
	given := m.Fields("new_secrets", "`new_secrets`", newSecretsTable)
	if given == nil {
		return
	}
	at := m.Key("new_secrets").Span
	s := sink{
		folder: given.Text("folder").Value, identity: given.Text("identity").Value,
		put: words(given.Texts("exec")), get: words(given.Texts("read")),
	}
	for _, text := range given.Texts("age") {
		r, err := recipient(text.Value)
		if err != nil {
			p.Report(UnclearSecretStore, text.Span, "write an age recipient (age1...) or an SSH public key (ssh-ed25519 ..., ssh-rsa ...)", "`%s` is nobody to encrypt to", action.CleanLine(text.Value, 40))
			continue
		}
		s.recipients = append(s.recipients, r)
	}
	const forms = "write {folder: PATH}, {folder: PATH, age: [RECIPIENT]} or {exec: [PROGRAM, ...]}"
	switch {
	case (s.folder != "") == (len(s.put) > 0):
		p.Report(UnclearSecretStore, at, forms, "new secrets go to a folder or to a program, one of the two")
	case s.folder == "" && given.Has("age"), s.identity != "" && !given.Has("age"), len(s.put) == 0 && len(s.get) > 0:
		p.Report(UnclearSecretStore, at, forms, "age goes with folder, identity with age, and read with exec")
	default:
		p.env.sink = s
	}
}

func words(texts []runbook.Text) []string {
	return each.Of(texts, func(t runbook.Text) string { return t.Value })
}

var UndeclaredSecret = codes.Error("IR0403", "secret is not declared",
	"{secret: NAME} in a target refers to an entry of `secrets:`, which says where the secret lies.")

var UnusedSecret = codes.Warning("IR0406", "secret is not used",
	"No target refers to it. It may be misspelt, or left over.")

// secretNames compares the secrets that targets use with those declared.
func (p *parser) secretNames() {
	used := map[string]bool{}
	for _, ref := range p.used {
		used[ref.Value] = true
		if _, ok := p.env.secrets[ref.Value]; ok {
			continue
		}
		detail := cmp.Or(suggest.DidYouMean(ref.Value, p.env.Secrets()), "declare it: `secrets: {"+action.CleanLine(ref.Value, 40)+": {file: PATH}}`")
		p.Report(UndeclaredSecret, ref.Span, detail, "no secret `%s` is declared", action.CleanLine(ref.Value, 40))
	}
	for _, name := range p.declared {
		if !used[name.Value] {
			p.Report(UnusedSecret, name.Span, "use it in a target's config as {secret: "+name.Value+"}, or remove it", "no target uses the secret `%s`", name.Value)
		}
	}
}

// besides returns a place for a finding about a secret in plain text: not its
// own line, which would then be shown, but that of a key above, or the file's
// first line, where `irctl: v1` stands.
func besides(secret, key runbook.Span) runbook.Span {
	if secret.Start.Line != key.Start.Line {
		return key
	}
	top := runbook.Position{Line: 1, Column: 1}
	return runbook.Span{File: secret.File, Start: top, End: top}
}
