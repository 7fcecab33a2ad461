package environment

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

var UnknownType = codes.Error("IR0401", "unknown type of target",
	"The type says what kind of system a target is and so which actions can act on it. Any system without a type of its own can be described as `http` or `command`.")

// Check holds the targets against what the actions need. Several actions may
// describe the same type of target with different fields, since one says how
// mail is suspended and another how sessions are revoked: a target is right if
// it suits one of them, and else the problems with the one that it suits best
// are reported.
//
// A target with `actions` says by itself what it is to each kind of action, and
// must suit all that it says something of.
func (e *Environment) Check(specs []action.Spec) runbook.Diagnostics {
	var d language.Decoder
	types := map[string][]action.Spec{} // by the types that they act on
	for _, s := range specs {
		for _, t := range s.Targets {
			types[t.Name] = append(types[t.Name], s)
		}
	}
	for _, t := range slices.Concat(e.Targets, e.samples()) {
		if t.Type == "" {
			continue // Parse has reported it
		}
		users, ok := types[t.Type]
		if !ok {
			known := slices.Sorted(maps.Keys(types))
			f := d.Report(UnknownType, t.typeText.Span, unknownType(t.Type, known), "no action acts on targets of type `%s`", action.CleanLine(t.Type, 40))
			if only := suggest.Only(t.Type, known); only != "" {
				f.Fix = &runbook.Edit{Span: t.typeText.Span, Text: only}
			}
			continue
		}
		if len(t.actions) == 0 {
			t.check(&d, t.key, t.config, users)
		}
		for _, noun := range t.actions {
			about := slices.DeleteFunc(slices.Clone(users), func(s action.Spec) bool { return action.Noun(s.Name) != noun.Key.Value })
			if len(about) == 0 {
				nouns := slices.Compact(each.Of(users, func(s action.Spec) string { return action.Noun(s.Name) }))
				d.Report(BadConfig, noun.Key.Span, cmp.Or(suggest.DidYouMean(noun.Key.Value, nouns), "known are "+strings.Join(nouns, ", ")),
					"the target `%s`: no action about `%s` acts on targets of type `%s`", t.Name, action.CleanLine(noun.Key.Value, 40), t.Type)
				continue
			}
			t.check(&d, noun.Key, t.configFor(noun.Key.Value), about)
		}
	}
	e.checkNotify(&d, specs)
	return d.Diagnostics()
}

func unknownType(name string, known []string) string {
	return cmp.Or(suggest.DidYouMean(name, known), "known types: "+strings.Join(known, ", "))
}

var BadConfig = codes.Error("IR0402", "target's config is not right",
	"Each type of target has its own fields. `irctl target types` shows them.")

var SecretInFile = codes.Error("IR0404", "secret stands in the file",
	"An environment file is copied into every run and read by many. It names where a secret lies (a file with mode 0600, a variable, a program), never the secret. The line is not shown. Change a secret that stood in the file.")

// check reports what is wrong with a target's config, below a key of the file,
// for those who use it.
func (t Target) check(d *language.Decoder, key runbook.Text, config *runbook.Value, users []action.Spec) {
	forms := each.Of(users, func(s action.Spec) action.TargetType { form, _ := s.TargetType(t.Type); return form })
	if spot, name := t.plainSecret(config, forms); name != "" {
		d.Report(SecretInFile, spot, "declare it below `secrets:` and write {secret: NAME} here", "`%s` of the target `%s` is a secret and must not stand in the file", name, t.Name)
		return
	}
	var best []action.Problem
	for i, form := range forms {
		problems := lacks(config, form)
		if len(problems) == 0 {
			return
		}
		if i == 0 || len(problems) < len(best) {
			best = problems
		}
	}
	for _, p := range best {
		d.Report(BadConfig, locate(config, p.Input, key.Span), p.Hint, "the target `%s`: `%s` %s", t.Name, action.CleanLine(p.Input, 80), p.Message)
	}
}

// lacks is what is wrong with the config for one action. No secret is read.
func lacks(config *runbook.Value, form action.TargetType) []action.Problem {
	given, _ := data(config, func(string) (action.Secret, error) { return action.NewSecret("-"), nil })
	values, _ := given.(map[string]any)
	typed, problems := coerce.Fields(withoutSecretPatterns(form.Fields), values)
	if len(problems) == 0 && form.Check != nil {
		return form.Check(typed)
	}
	return problems
}

// Suits says why an action cannot act on a target of a type that it knows, as
// far as the file tells: a target may be described well enough for one action
// and lack what another one needs. The error is an *action.Error.
func (t Target) Suits(spec action.Spec) error {
	form, ok := spec.TargetType(t.Type)
	if !ok {
		return t.unsuitable(spec)
	}
	if err := t.says(spec); err != nil {
		return err
	}
	if problems := lacks(t.configFor(action.Noun(spec.Name)), form); len(problems) > 0 {
		e := badConfig(t.Name, spec.Name, problems)
		e.Hint = cmp.Or(problems[0].Hint, "`irctl target types "+t.Type+"` shows what each action needs")
		return e
	}
	return nil
}

// plainSecret finds a secret that stands in the config as plain text, and a
// place to show instead of its line.
func (t Target) plainSecret(config *runbook.Value, forms []action.TargetType) (runbook.Span, string) {
	name, at := "", runbook.Span{}
	for _, form := range forms {
		if n, v := plainIn("", form.Fields, config); v != nil {
			name, at = n, v.Span
		}
	}
	return besides(at, t.key.Span), name
}

// plainIn looks for a text in a field that takes a secret.
func plainIn(path string, fields []action.Field, v *runbook.Value) (string, *runbook.Value) {
	for _, f := range fields {
		given := v.Get(f.Name)
		if given == nil {
			continue
		}
		name := f.Name
		if path != "" {
			name = path + "." + f.Name
		}
		scalar := f.Type != action.Map && f.Type != action.List && f.Type != action.Any
		if f.Secret && scalar && (given.Kind == runbook.StringValue || given.Kind == runbook.IntValue) {
			return name, given
		}
		if len(f.Fields) > 0 && given.Kind == runbook.MapValue {
			if n, found := plainIn(name, f.Fields, given); found != nil {
				return n, found
			}
		}
	}
	return "", nil
}

// withoutSecretPatterns drops the patterns of secrets: before a run nobody
// looks at one.
func withoutSecretPatterns(fields []action.Field) []action.Field {
	out := slices.Clone(fields)
	for i := range out {
		if out[i].Secret {
			out[i].Pattern = ""
		}
		out[i].Fields = withoutSecretPatterns(out[i].Fields)
	}
	return out
}
