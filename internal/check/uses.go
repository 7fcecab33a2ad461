package check

import (
	"slices"

	"strings"

	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/programs"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var VerifyChanges = codes.Error("IR0208", "verify uses an action that changes something",
	"A check must be harmless: it runs again and again. Use an action whose effect is read.")

var CannotInspect = codes.Error("IR0209", "verify: true needs an action that can look at its target",
	"This action cannot tell the current state of its target. Name an action to verify with: verify: {uses: http, ...}.")

var UndoOfRead = codes.Error("IR0210", "undo on an action that changes nothing",
	"There is nothing to put back. Remove undo.")

var BadExpiry = codes.Error("IR0236", "what expires cannot be put back",
	"After that time somebody is asked to put back what the step did, again and again. Remove expires, or say with undo how.")

// uses checks a step that runs an action.
func (c *checker) uses(n *node, at scope) {
	s := n.step
	spec, known := c.use(s.Uses, at)
	after := scope{c: c, at: n, self: true}
	if s.Verify != nil {
		if v, ok := c.use(s.Verify, after); ok && effectOf(s.Verify, v) != action.Read {
			c.report(VerifyChanges, s.Verify.Action.Span, "`"+v.Name+"` changes something, so it cannot verify", "use an action that only reads, for example `http` with method GET or `assert`")
		}
	}
	if s.VerifySelf && known && !c.deps.Inspects(spec.Name) {
		c.report(CannotInspect, s.Uses.Action.Span, "`"+spec.Name+"` cannot look at its target, so `verify: true` has nothing to ask", "name an action that checks: `verify: {uses: ...}`")
	}
	c.plainDuration(s.Expires, "expires")
	if known && s.Expires != nil && (s.Irreversible.Given() || s.Undo == nil && (effectOf(s.Uses, spec) != action.Change || !c.deps.Undoes(spec.Name))) {
		c.report(BadExpiry, s.Expires.Span, "what `"+spec.Name+"` does here cannot be put back", "remove `expires`, or name what puts it back in `undo`")
	}
	if s.Undo != nil {
		if known && effectOf(s.Uses, spec) == action.Read {
			c.report(UndoOfRead, s.Undo.Span, "`"+spec.Name+"` changes nothing, so there is nothing to undo", "remove `undo`")
		}
		c.use(s.Undo, after)
	}
}

var UnknownAction = codes.Error("IR0202", "there is no such action",
	"The step cannot run. See `irctl action list`.")

var MissingTarget = codes.Error("IR0206", "the action needs a target",
	"It has to know which system to act on. Add target with the name of a system in the environment.")

var NeedlessTarget = codes.Error("IR0207", "the action takes no target",
	"It acts on no named system, so the target would be ignored. Remove target.")

// use checks one use of an action: its name, target and inputs.
func (c *checker) use(u *runbook.Use, at scope) (action.Spec, bool) {
	if u == nil || !u.Action.Given() {
		return action.Spec{}, false // the parser has said so
	}
	spec, ok := c.deps.Spec(u.Action.Value)
	if !ok {
		names := c.deps.Names()
		d := c.report(UnknownAction, u.Action.Span, "there is no action `"+u.Action.Value+"`", meant(u.Action.Value, names, "see `irctl action list`"))
		if only := suggest.Only(u.Action.Value, names); only != "" {
			d.Fix = &runbook.Edit{Span: u.Action.Span, Text: only}
		}
		c.target(u.Target, at)
		for _, p := range u.With {
			if p.Value != nil {
				c.anything(p.Value, at, "")
			}
		}
		return spec, false
	}
	switch {
	case len(spec.Targets) > 0 && u.Target == nil:
		c.report(MissingTarget, u.Action.Span, "`"+spec.Name+"` needs a target", "add `target:` with the name of "+targetTypes(spec)+" in the environment")
	case len(spec.Targets) == 0 && u.Target != nil:
		c.report(NeedlessTarget, u.Target.Span, "`"+spec.Name+"` takes no target", "remove `target`")
	default:
		c.target(u.Target, at)
	}
	c.fields(u.With, spec.Inputs, at, u.Action.Span, "`"+spec.Name+"`")
	c.shell(u)
	eachArgument(u, spec, func(words []string, at int, _ string, place runbook.Span) {
		if by := programs.Reads(words, at); at > 0 && by != "" && !c.full() {
			c.report(ShellInterpolation, place, "a value is put where "+by+" reads a program, so that it could become a command",
				`hand it over as "env", or behind the program as an operand of its own: [sh, -c, 'echo "$1"', sh, "${{ ... }}"]`)
		}
	})
	return spec, true
}

func targetTypes(spec action.Spec) string {
	names := each.Of(spec.Targets, func(t action.TargetType) string { return t.Name })
	if len(names) == 1 {
		return "a target of type `" + names[0] + "`"
	}
	return "a target of one of the types " + list(names)
}

// target checks the name of a target, which may be computed.
func (c *checker) target(v *runbook.Value, at scope) {
	if v == nil {
		return
	}
	if v.Kind != runbook.StringValue || v.Text == "" {
		c.report(MissingTarget, v.Span, "a target is the name of a system in the environment", "write for example `target: corporate-mail`")
		return
	}
	if !strings.Contains(v.Text, "${{") && !language.StepName.Fits(v.Text) {
		c.report(MissingTarget, v.Span, "`"+v.Text[:min(len(v.Text), 64)]+"` is not the name of a target", "names are lower-case letters, digits and hyphens, beginning with a letter")
		return
	}
	_, refs := c.template(v, at, expr.String)
	c.noSecrets(v, refs, "a target's name cannot be a secret")
}

var ShellInterpolation = codes.Error("IR0225", "a value is put into a shell text",
	"Text from outside could become a command. Hand it over as an environment variable: env: {NAME: ${{ ... }}}, and write \"$NAME\" in the shell text. The same holds for every argument that a program reads as a program: that of sh -c, of ssh behind the host, of sed, awk or python -c.")

// eachArgument visits the arguments of command lines that hold values: the
// words of the line, "" where they hold values; which one it is; and what it
// says beside its values.
func eachArgument(u *runbook.Use, spec action.Spec, see func(words []string, at int, rest string, place runbook.Span)) {
	for _, argv := range commandLines(u, spec) {
		words, rests := make([]string, len(argv)), map[int]string{}
		for i, item := range argv {
			if parts, problem := expr.ParseTemplate(item.Text); problem == nil && item.HasExpr() {
				for _, part := range parts {
					if !part.IsExpr {
						rests[i] += part.Text
					}
				}
				rests[i] += "" // it is one, whatever it says beside
			} else {
				words[i] = item.Text
			}
		}
		for i, item := range argv {
			if rest, has := rests[i]; has {
				line := append(slices.Clone(words[:i]), rest)
				see(line, i, rest, item.Span)
			}
		}
	}
}

// commandLines are those among the inputs of a use, of which one may hold several.
func commandLines(u *runbook.Use, spec action.Spec) [][]*runbook.Value {
	var out [][]*runbook.Value
	for _, p := range u.With {
		switch f, _ := spec.Input(p.Key.Value); {
		case !f.Argv || p.Value == nil:
		case f.Items == action.List:
			out = append(out, each.Of(p.Value.Items, func(line *runbook.Value) []*runbook.Value { return line.Items })...)
		default:
			out = append(out, p.Value.Items)
		}
	}
	return out
}

// shell refuses expressions in the text of a shell command.
func (c *checker) shell(u *runbook.Use) {
	if u.Action.Value != "exec" {
		return
	}
	for _, p := range u.With {
		if p.Key.Value != "shell" || p.Value == nil || p.Value.Kind != runbook.StringValue {
			continue
		}
		parts, problem := expr.ParseTemplate(p.Value.Text)
		if problem != nil {
			continue // reported with the value
		}
		for _, part := range parts {
			if part.IsExpr && !c.full() {
				c.report(ShellInterpolation, p.Value.Place(part.Start-len("${{"), part.End+len("}}")), "a value is put into a shell text, where it could become a command",
					"hand it over as `env: {NAME: \"${{"+part.Expr+"}}\"}` and write \"$NAME\" here")
			}
		}
	}
}
