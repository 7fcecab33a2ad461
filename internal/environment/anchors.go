package environment

import (
	"cmp"

	"github.com/irctl/irctl/internal/language"
)

// Anchor is a place elsewhere that remembers how far the log of a run had come.
// Exactly one of Witness, Timestamp, Folder, Command and Target is set.
type Anchor struct {
	Name      string
	Witness   string   // URL of a witness (C2SP tlog-witness), with Key
	Key       string   // its public key (C2SP signed-note)
	Timestamp string   // URL of a time-stamp authority (RFC 3161)
	CAFile    string   // PEM, to trust the server and the authority; "" is the system's
	Folder    string   // absolute
	Command   []string // it reads the checkpoint from its input
	Target    string   // a system of the environment that takes messages
}

var anchorTable = language.Table{OneOf: []string{"witness", "timestamp", "folder", "command", "target"}}.With(
	language.Key{Name: "witness", Forms: language.AText(), Example: "https://witness.example.com",
		Description: "A witness (C2SP tlog-witness), by the address to which it adds `/add-checkpoint`; it goes with `key`."},
	language.Key{Name: "key", Forms: language.AText(), Example: "witness.example.com/w1+c0ffee00+BAAB...",
		Description: "The witness's public key, as it publishes it."},
	language.Key{Name: "timestamp", Forms: language.AText(), Example: "https://tsa.example.com",
		Description: "A time-stamp authority (RFC 3161)."},
	language.Key{Name: "ca_file", Forms: language.AText(), Example: "tsa-root.pem",
		Description: "Certificate authorities in PEM, by which the server and the time-stamps are trusted; a relative path begins at the environment's folder."},
	language.Key{Name: "folder", Forms: language.AText(), Example: "/mnt/write-once/irctl",
		Description: "A second folder, best on another machine and write-once."},
	language.Key{Name: "command", Forms: language.Texts(), Example: "[/usr/local/bin/keep-checkpoint]",
		Description: "A program that reads the checkpoint from its input and keeps it."},
	language.Key{Name: "target", Forms: language.AText(), Example: "siem",
		Description: "A target of type webhook or syslog that is told it."},
)

var UnclearAnchor = codes.Error("IR0425", "anchor is not clear",
	"An anchor remembers elsewhere how far the log of a run had come. It is one of `witness` (which goes with `key`), `timestamp`, `folder`, `command` and `target`.")

// anchors reads who remembers how far logs had come.
func (p *parser) anchors(m *language.Mapping) {
	for _, pair := range m.Entries("anchors", language.StepName) {
		inner := p.Fields(pair.Value, "`"+pair.Key.Value+"`", anchorTable)
		if inner == nil {
			continue
		}
		a := Anchor{
			Name: pair.Key.Value, Witness: inner.Text("witness").Value, Key: inner.Text("key").Value,
			Timestamp: inner.Text("timestamp").Value, CAFile: inner.Text("ca_file").Value,
			Folder: inner.Text("folder").Value, Command: words(inner.Texts("command")), Target: inner.Text("target").Value,
		}
		given := 0
		for _, k := range anchorTable.OneOf {
			if inner.Has(k) {
				given++
			}
		}
		refuse := func(what string) {
			p.Report(UnclearAnchor, pair.Key.Span, "write {witness: URL, key: KEY}, {timestamp: URL}, {folder: PATH}, {command: [PROGRAM, ...]} or {target: NAME}", "`%s`: %s", a.Name, what)
		}
		switch {
		case given != 1:
			refuse("it is one of the five, and one alone")
			continue
		case (a.Witness != "") != (a.Key != ""):
			refuse("`witness` and `key` go together")
			continue
		case a.CAFile != "" && a.Witness == "" && a.Timestamp == "":
			refuse("`ca_file` goes with `witness` or `timestamp`")
			continue
		}
		if at := inner.Text("target"); a.Target != "" {
			p.anchored = append(p.anchored, at)
		}
		p.env.Anchors = append(p.env.Anchors, a)
	}
}

// anchorTargets finds targets of anchors that are not there.
func (p *parser) anchorTargets() {
	for _, at := range p.anchored {
		t, ok := p.env.Target(at.Value)
		switch {
		case !ok:
			p.Report(UnclearAnchor, at.Span, "name one below `targets`", "there is no target `%s`", at.Value)
		case t.Type != "webhook" && t.Type != "syslog":
			p.Report(UnclearAnchor, at.Span, "name one of type webhook or syslog", "the target `%s` is of type %s, which takes no messages", at.Value, cmp.Or(t.Type, "none"))
		}
	}
}

// AnchorHere is an anchor with paths that do not depend on the working folder.
func (e *Environment) AnchorHere(a Anchor) (Anchor, error) {
	for _, path := range []*string{&a.CAFile, &a.Folder} {
		if *path == "" {
			continue
		}
		abs, err := e.path(*path)
		if err != nil {
			return a, err
		}
		*path = abs
	}
	return a, nil
}
