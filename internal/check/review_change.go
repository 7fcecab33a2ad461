package check

import (
	"regexp"
	"strings"

	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var NoWayBack = codes.Warning("IR0300", "a change with no way back, and no reason why",
	"Containment that was a mistake must be taken back under stress, and a rollback passes over a step that nobody told how. Add `undo` with what puts the change back, or `irreversible` with the reason why it stays. Built-in actions that undo by themselves need neither.")

var _ = rules.step.add((*reviewer).wayBack)

// wayBack: a step that changes something says how that is put back, or why it
// is not.
func (r *reviewer) wayBack(n *node) {
	a, s := r.acts[n], n.step
	if a == nil || !a.changes() || s.Undo != nil || s.Irreversible.Given() || r.undoes(a.spec) {
		return
	}
	r.report(NoWayBack, s.Uses.Action.Span, "nothing puts back what `"+a.spec.Name+"` changes",
		"add `undo: {uses: ...}`, or `irreversible:` with the reason why it stays")
}

// undoes reports whether an action can put back what it did by itself.
func (c *checker) undoes(spec action.Spec) bool {
	return spec.Effect != action.Irreversible && c.deps.Undoes(spec.Name)
}

var RetryNotIdempotent = codes.Warning("IR0302", "retry on an action that is not idempotent",
	"A command that failed may have done its work by half, or whole; trying again may do it twice. If that is harmless, say `idempotent: true`. If not, remove `retry`: a person looks first and types `irctl retry`. Actions that can tell that a failed attempt had no effect are not reported.")

var _ = rules.step.add((*reviewer).retriedTwice)

// retriedTwice: what may have happened by half is not simply done again.
func (r *reviewer) retriedTwice(n *node) {
	a, s := r.acts[n], n.step
	if a == nil || s.Retry == nil || a.effect == action.Read || a.spec.Idempotent || a.spec.Has(action.SaysDoubt) {
		return
	}
	if s.Idempotent != nil && *s.Idempotent || s.Retry.Attempts == nil || s.Retry.Attempts.Int < 2 && !s.Retry.Attempts.HasExpr() {
		return
	}
	r.report(RetryNotIdempotent, s.Retry.Attempts.Span, "`"+a.spec.Name+"` is tried again although a failed try may have had its effect",
		"say `idempotent: true` if doing it twice is harmless; otherwise remove `retry` and let a person decide")
}

// secretFlag is an argument that is followed by a secret, or holds one.
var secretFlag = regexp.MustCompile(`(?i)^--?(password|passwd|passphrase|secret|token|api-?key|access-?key|auth-?token)(=(.*))?$`)

// elsewhere are values of such an argument that say where the secret is.
var elsewhere = regexp.MustCompile(`^(-|@.*|(env|file|fd|pass):.*|)$`)

var SecretInArgv = codes.Warning("IR0304", "a secret among a command's arguments",
	"Every user of the machine can list the arguments of every process, and many systems log them. Hand a secret over as an environment variable (`env`), on standard input (`stdin`), or as the name of a file that holds it. A secret input is refused there anyway (IR0223).")

var _ = rules.step.add((*reviewer).secretInArgv)

// secretInArgv: a secret among a command's arguments is read by everybody who
// may list processes. Inputs that are declared secret are refused anyway; this
// finds the others.
func (r *reviewer) secretInArgv(n *node) {
	a := r.acts[n]
	if a == nil {
		return
	}
	for _, p := range n.step.Uses.With {
		f, _ := a.spec.Input(p.Key.Value)
		if !f.Argv || p.Value == nil {
			continue
		}
		for i, item := range p.Value.Items {
			m := secretFlag.FindStringSubmatch(item.Text)
			if m == nil {
				continue
			}
			value := m[3]
			if m[2] == "" {
				if i+1 == len(p.Value.Items) || strings.HasPrefix(p.Value.Items[i+1].Text, "--") {
					continue
				}
				item = p.Value.Items[i+1]
				value = item.Text
			}
			if !elsewhere.MatchString(value) {
				r.report(SecretInArgv, item.Span, "a secret among the arguments of a command: every user of the machine can read it",
					"hand it over as `env` or `stdin`, or name a file that holds it")
			}
		}
	}
}

// dangerous reports whether a change is one that a person should have agreed
// to: it takes something offline, or nobody can take it back.
func (r *reviewer) dangerous(a *act) bool { return a.spec.Has(action.TakesOffline) || r.final(a) }

// final reports whether nobody can take an act back.
func (r *reviewer) final(a *act) bool {
	return a.changes() && a.node.step.Undo == nil && (a.effect == action.Irreversible || a.node.step.Irreversible.Given())
}

// looks reports whether a step looks at what came of it.
func looks(s *runbook.Step) bool { return s.VerifySelf || s.Verify != nil }
