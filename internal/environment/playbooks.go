package environment

import (
	"cmp"
	"encoding/pem"
	"slices"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// Playbooks says how CACAO playbooks are run here. The zero value binds
// nothing and takes unsigned playbooks.
type Playbooks struct {
	// Signed is true if a playbook must bear a good signature by one of Trusted.
	Signed  bool
	Trusted []TrustedKey // in the file's order
	Bind    []Binding    // in the file's order
}

// Binding leads an agent or target of a playbook to a target of the
// environment.
type Binding struct {
	Name   string // "ssh--<uuid>", or the name that the playbook gives it
	Target string
}

// TrustedKey names somebody whose signature is accepted. Their public key or
// certificate lies in a file or stands in the environment itself: it is no
// secret.
type TrustedKey struct {
	Name string

	file, pem string // one is set
	at        runbook.Span
}

// Playbooks returns the section `playbooks:`.
func (e *Environment) Playbooks() Playbooks { return e.playbooks }

// Bound returns the target that an agent or target of a playbook is bound to.
func (e *Environment) Bound(name string) (target string, ok bool) {
	i := slices.IndexFunc(e.playbooks.Bind, func(b Binding) bool { return b.Name == name })
	if i < 0 {
		return "", false
	}
	return e.playbooks.Bind[i].Target, true
}

// Where says for people where a trusted key lies.
func (k TrustedKey) Where() string {
	if k.file != "" {
		return "file:" + k.file
	}
	return "in the environment file"
}

// maxKey is the most that a file with a trusted key may hold, in bytes: a
// chain of certificates with room to spare.
const maxKey = 256 << 10

// Key reads a trusted key: PEM, a public key or certificates. It is read at
// this moment and not before.
func (e *Environment) Key(k TrustedKey) ([]byte, error) {
	if k.file == "" {
		return []byte(k.pem), nil
	}
	path, err := e.path(k.file)
	if err != nil {
		return nil, err
	}
	b, err := readFile(path, false, maxKey)
	if err != nil {
		return nil, &action.Error{Message: "the key of " + k.Name + ", who may sign playbooks, cannot be read", Hint: "see `playbooks: {trusted: ...}` in the environment file", Cause: err, Permanent: true}
	}
	return b, nil
}

var UnclearTrust = codes.Error("IR0410", "trust in signed playbooks is not clear",
	"`signed: required` refuses every playbook without a good signature by one of `trusted`, each with a name and one public key or certificate: {file: PATH}, or {pem: TEXT}. A private key has no place here.")

func (p *parser) playbooks(m *language.Mapping) {
	signed := m.Text("signed")
	p.env.playbooks.Signed = signed.Value == "required"
	if signed.Given() && p.env.spots != nil {
		p.env.spots["signed"] = signed.Span
	}
	if signed.Given() && signed.Value != "required" && signed.Value != "optional" {
		p.Report(UnclearTrust, signed.Span, "write required or optional", "`signed` is `%s`", action.CleanLine(signed.Value, 40))
		p.env.playbooks.Signed = true // rather too strict than too lax
	}
	for _, item := range m.Items("trusted") {
		p.trusted(item)
	}
	if signed.Value == "required" && len(p.env.playbooks.Trusted) == 0 {
		p.Report(UnclearTrust, signed.Span, "add `trusted: [{name: soc, key: {file: soc.pem}}]`", "playbooks must be signed, and nobody is trusted to sign them")
	}
	for _, pair := range m.Entries("bind", language.AnyName) {
		p.bind(pair)
	}
}

func (p *parser) trusted(item *runbook.Value) {
	m := p.Fields(item, "an entry of `trusted`", trustedTable)
	name := m.Name("name", language.StepName)
	key := m.Fields("key", "`key`", keyTable)
	if !name.Given() || key == nil {
		return
	}
	k := TrustedKey{Name: name.Value, file: key.Text("file").Value, pem: key.Text("pem").Value, at: name.Span}
	if slices.ContainsFunc(p.env.playbooks.Trusted, func(o TrustedKey) bool { return o.Name == k.Name }) {
		p.Report(UnclearTrust, name.Span, "give each key a name of its own, such as "+k.Name+"-2027", "two trusted keys are named `%s`", k.Name)
		return
	}
	if (k.file == "") == (k.pem == "") {
		p.Report(UnclearTrust, name.Span, "write {file: PATH}, or {pem: |...} with the text itself", "the key of `%s` must stand in one place", k.Name)
		return
	}
	if k.pem != "" && !public(k.pem) {
		at := m.Key("key").Span
		if text := key.Value("pem"); text != nil {
			at = besides(text.Span, at)
		}
		p.Report(UnclearTrust, at, "give a text that begins with -----BEGIN PUBLIC KEY----- or -----BEGIN CERTIFICATE-----", "the key of `%s` is not a public key or certificate in PEM form", k.Name)
		return
	}
	p.env.playbooks.Trusted = append(p.env.playbooks.Trusted, k)
}

// public reports whether a text is PEM and nothing private.
func public(text string) bool {
	block, _ := pem.Decode([]byte(text))
	return block != nil && (block.Type == "PUBLIC KEY" || block.Type == "CERTIFICATE" || block.Type == "RSA PUBLIC KEY")
}

var BoundNowhere = codes.Error("IR0408", "agent of a playbook is bound to no target",
	"`playbooks: {bind: ...}` leads an agent or target of a CACAO playbook, by its id or its name, to a target of this environment. That target is not there.")

var BoundTarget = codes.Error("IR0409", "target bound to another target",
	"What a playbook calls its agent is also the name of a target here, and the line would lead to another one. A reader could not tell which system is acted on.")

// bind reads one binding. It comes after the targets have been read.
func (p *parser) bind(pair runbook.Pair) {
	name, target := pair.Key.Value, p.Text(pair)
	if !target.Given() {
		return
	}
	shown := action.CleanLine(name, 80)
	if _, is := p.env.Target(name); is {
		p.Report(BoundTarget, pair.Key.Span, "rename the target, or leave out the line if it is what the playbook means", "`%s` is a target itself and cannot be bound to another", shown)
		return
	}
	if names := p.env.TargetNames(); !slices.Contains(names, target.Value) {
		detail := cmp.Or(suggest.DidYouMean(target.Value, names), "add it below `targets:`")
		p.Report(BoundNowhere, target.Span, detail, "`%s` is bound to `%s`, which is not a target", shown, action.CleanLine(target.Value, 40))
		return
	}
	p.env.playbooks.Bind = append(p.env.playbooks.Bind, Binding{name, target.Value})
}
