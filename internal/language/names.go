package language

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/runbook"
)

// NameForm is how a name must look.
type NameForm struct {
	words   string
	pattern func() *regexp.Regexp
	mend    func(string) string
}

// mostName is how long a name may be, as the patterns say.
const mostName = 64

// The forms of names.
var (
	// StepName is the form of step ids, runbook names and targets.
	StepName = NameForm{"lower-case letters, digits and hyphens, beginning with a letter", pattern.Late(`^[a-z][a-z0-9-]{0,63}$`), kebab}
	// VariableName is the form of inputs, outputs, variables and loop names.
	VariableName = NameForm{"lower-case letters, digits and underscores, beginning with a letter", pattern.Late(`^[a-z][a-z0-9_]{0,63}$`), snake}
	// ConstantName is the form of names that may be written in capitals, as
	// those of environment variables are.
	ConstantName = NameForm{"letters, digits, hyphens and underscores, beginning with a letter", pattern.Late(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`), func(s string) string { return strings.ToUpper(snake(s)) }}
	// AnyName accepts every key, as in a mapping that an action declares.
	AnyName = NameForm{"any text", pattern.Late(`(?s)^.*$`), func(s string) string { return s }}
)

// Fits reports whether a text is a name of the form.
func (f NameForm) Fits(text string) bool { return f.pattern().MatchString(text) }

// Pattern is the regular expression (RE2) that a name of the form matches.
func (f NameForm) Pattern() string { return f.pattern().String() }

var BadName = codes.Error("IR0119", "malformed name",
	"Runbooks, steps and targets are named in lower case with hyphens (`open-case`); inputs, outputs, variables and loop names in lower case with underscores (`case_id`), because they stand in expressions.")

// CheckName reports a name that has not the form.
func (d *Decoder) CheckName(t runbook.Text, form NameForm) bool {
	if form.pattern().MatchString(t.Value) {
		return true
	}
	detail := ""
	if strings.Contains(t.Value, "${{") {
		detail = "a name cannot be computed; write it out"
	} else if better := form.mend(t.Value); better != t.Value && form.pattern().MatchString(better) {
		detail = fmt.Sprintf("write `%s`", better)
	}
	if n := len(t.Value); n > mostName && form.pattern().MatchString(t.Value[:mostName]) && form.pattern().MatchString("a"+t.Value[mostName:][:min(n-mostName, mostName-1)]) {
		d.Report(BadName, t.Span, "shorten it", "the name has %d characters, the most is %d", n, mostName)
		return false
	}
	d.Report(BadName, t.Span, detail, "%q is not a name here: it takes %s", short(t.Value), form.words)
	return false
}

var (
	humps   = pattern.Late(`([a-z0-9])([A-Z])`)
	foreign = pattern.Late(`[^a-z0-9]+`)
)

// kebab makes a step id of any text; it may be empty.
func kebab(s string) string {
	s = strings.ToLower(humps().ReplaceAllString(s[:min(len(s), 200)], "$1-$2"))
	s = strings.Trim(foreign().ReplaceAllString(s, "-"), "-")
	s = strings.TrimLeft(s, "0123456789-")
	return strings.TrimRight(s[:min(len(s), 64)], "-")
}

func snake(s string) string { return strings.ReplaceAll(kebab(s), "-", "_") }

// kindWords names the shape of a value.
func kindWords(v *runbook.Value) string {
	switch v.Kind {
	case runbook.Null:
		return "nothing"
	case runbook.BoolValue:
		return "true or false"
	case runbook.IntValue, runbook.FloatValue:
		return "a number"
	case runbook.StringValue:
		return "a text"
	case runbook.ListValue:
		return "a list"
	case runbook.MapValue:
		return "a mapping"
	}
	return "something else"
}

// list joins words with commas and a last "and" or "or".
func list(words []string, last string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = "`" + w + "`"
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " " + last + " " + quoted[len(quoted)-1]
}

// didYouMean is the detail of a diagnostic about a word that is not known.
func didYouMean(word string, known []string) string {
	return cmp.Or(suggest.DidYouMean(word, known), "known here: "+strings.Join(known, ", "))
}
