package anchor

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/irctl/irctl/pkg/journal"
)

// Policy says whose signatures make a checkpoint count (C2SP tlog-policy). The
// zero value accepts nothing.
type Policy struct {
	logs      []Key
	witnesses map[string]Key
	groups    map[string]group
	quorum    string
}

type group struct {
	need    int
	members []string
}

// nobody is the name of the quorum that asks for no cosignature.
const nobody = "none"

// PolicyError is the first mistake in a policy file.
type PolicyError struct {
	Line int // from 1; 0 for the file as a whole
	Why  string
}

// Error implements error.
func (e *PolicyError) Error() string {
	if e.Line == 0 {
		return e.Why
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Why)
}

// ParsePolicy reads a policy file. The error is a *PolicyError.
func ParsePolicy(text string) (*Policy, error) {
	p := &Policy{witnesses: map[string]Key{}, groups: map[string]group{}}
	member := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if why := p.line(words, member); why != nil {
			return nil, &PolicyError{i + 1, why.Error()}
		}
	}
	if p.quorum == "" {
		return nil, &PolicyError{0, "the line `quorum NAME` is missing"}
	}
	return p, nil
}

func (p *Policy) line(words []string, member map[string]bool) error {
	switch kind, rest := words[0], words[1:]; {
	case kind == "log" && (len(rest) == 1 || len(rest) == 2):
		k, err := ParseKey(rest[0])
		if err == nil && (k.kind != typeNote || slices.ContainsFunc(p.logs, k.same)) {
			err = errors.New("it is not the Ed25519 key of another log")
		}
		p.logs = append(p.logs, k)
		return err
	case kind == "witness" && (len(rest) == 2 || len(rest) == 3):
		k, err := ParseKey(rest[1])
		if err != nil {
			return err
		}
		for _, other := range p.witnesses {
			if k.same(other) {
				return errors.New("another witness has the same key")
			}
		}
		if k.kind == typeNote {
			return errors.New("it is the key of a log, not of a witness")
		}
		if p.known(rest[0]) {
			return fmt.Errorf("the name %q is taken", rest[0])
		}
		p.witnesses[rest[0]] = k
		return nil
	case kind == "group" && len(rest) >= 3:
		g := group{members: rest[2:]}
		switch rest[1] {
		case "any":
			g.need = 1
		case "all":
			g.need = len(g.members)
		default:
			g.need, _ = strconv.Atoi(rest[1])
		}
		if g.need < 1 || g.need > len(g.members) || p.known(rest[0]) {
			return errors.New("a group has a name of its own, `any`, `all` or how many of its members it needs, and their names")
		}
		for _, name := range g.members {
			if !p.known(name) || name == nobody || member[name] {
				return fmt.Errorf("%q is no witness or group of an earlier line that is in no group yet", name)
			}
			member[name] = true
		}
		p.groups[rest[0]] = g
		return nil
	case kind == "quorum" && len(rest) == 1 && p.quorum == "":
		if !p.known(rest[0]) {
			return fmt.Errorf("%q is no witness or group of an earlier line", rest[0])
		}
		p.quorum = rest[0]
		return nil
	}
	return fmt.Errorf("this is no line of a policy: log KEY, witness NAME KEY, group NAME all|any|N NAME..., or one quorum NAME")
}

func (p *Policy) known(name string) bool {
	_, witness := p.witnesses[name]
	_, group := p.groups[name]
	return witness || group || name == nobody
}

// same reports whether two keys are one, whatever their names.
func (k Key) same(other Key) bool {
	return k.kind == other.kind && k.ed.Equal(other.ed) && (k.ml == nil || k.ml.Equal(other.ml))
}

// Seen is a checkpoint that a policy accepts.
type Seen struct {
	Log  string
	Size int64
	By   []string  // the names of the witnesses that cosigned it, sorted
	At   time.Time // the latest of their times; zero if there is none
	tree journal.Checkpoint
}

// Open judges a checkpoint: it must be signed by a log of the policy, and
// cosigned by its quorum.
func (p *Policy) Open(signed []byte) (Seen, error) { return p.open(signed, false) }

func (p *Policy) open(signed []byte, anyLog bool) (Seen, error) {
	known := make([]note.Verifier, 0, len(p.logs)+len(p.witnesses))
	for _, k := range p.logs {
		known = append(known, k)
	}
	for _, k := range p.witnesses {
		known = append(known, k)
	}
	n, err := note.Open(signed, note.VerifierList(known...))
	if err != nil {
		return Seen{}, fmt.Errorf("no signature of a log or witness that the policy knows: %w", err)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Seen{}, err
	}
	out := Seen{Log: c.Origin, Size: c.Size, tree: c}
	by := func(k Key) (note.Signature, bool) {
		i := slices.IndexFunc(n.Sigs, func(s note.Signature) bool { return s.Name == k.name && s.Hash == k.id })
		if i < 0 {
			return note.Signature{}, false
		}
		return n.Sigs[i], true
	}
	if !anyLog && !slices.ContainsFunc(p.logs, func(k Key) bool { _, ok := by(k); return ok && k.name == c.Origin }) {
		return Seen{}, fmt.Errorf("%s is no log of the policy, or did not sign", c.Origin)
	}
	for name, k := range p.witnesses {
		if s, ok := by(k); ok {
			out.By = append(out.By, name)
			if at := k.signedAt(s); at.After(out.At) {
				out.At = at
			}
		}
	}
	slices.Sort(out.By)
	if !p.enough(p.quorum, out.By) {
		return out, fmt.Errorf("the witnesses that cosigned it (%d) are not the quorum %q of the policy", len(out.By), p.quorum)
	}
	return out, nil
}

// Cosigned returns what accepts a checkpoint of any log that a witness cosigned.
func (k Key) Cosigned(witness string) func(signed []byte) (Seen, error) {
	p := &Policy{witnesses: map[string]Key{witness: k}, quorum: witness}
	return func(signed []byte) (Seen, error) { return p.open(signed, true) }
}

// enough reports whether a witness, or as many of a group as it needs, signed.
func (p *Policy) enough(name string, by []string) bool {
	g, ok := p.groups[name]
	if !ok {
		return name == nobody || slices.Contains(by, name)
	}
	have := 0
	for _, m := range g.members {
		if p.enough(m, by) {
			have++
		}
	}
	return have >= g.need
}
