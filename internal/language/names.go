package language

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/internal/suggest"
	"github.com/irctl/irctl/pkg/runbook"
)

// NameForm is how a name must look.
type NameForm struct {
	words       string
	first, more string // the characters of RE2 that it begins and goes on with; "" is any text
	mend        func(string) string
}

// mostName is how long a name may be.
const mostName = 64

// The forms of names.
var (
	// StepName is the form of step ids, runbook names and targets.
	StepName = NameForm{"lower-case letters, digits and hyphens, beginning with a letter", "a-z", "a-z0-9-", kebab}
	// VariableName is the form of inputs, outputs, variables and loop names.
	VariableName = NameForm{"lower-case letters, digits and underscores, beginning with a letter", "a-z", "a-z0-9_", snake}
	// ConstantName is the form of names that may be written in capitals, as
	// those of environment variables are.
	ConstantName = NameForm{"letters, digits, hyphens and underscores, beginning with a letter", "A-Za-z", "A-Za-z0-9_-", func(s string) string { return strings.ToUpper(snake(s)) }}
	// AnyName accepts every key, as in a mapping that an action declares.
	AnyName = NameForm{"any text", "", "", func(s string) string { return s }}
)

// Fits reports whether a text is a name of the form.
func (f NameForm) Fits(text string) bool {
	if f.first == "" {
		return true
	}
	if text == "" || len(text) > mostName || !within(f.first, text[0]) {
		return false
	}
	for i := 1; i < len(text); i++ {
		if !within(f.more, text[i]) {
			return false
		}
	}
	return true
}

// within reports whether a character is one of a class: of ranges, and then of
// others one by one.
func within(class string, c byte) bool {
	for len(class) > 2 && class[1] == '-' {
		if c >= class[0] && c <= class[2] {
			return true
		}
		class = class[3:]
	}
	return strings.IndexByte(class, c) >= 0
}

// Pattern is the regular expression (RE2) that a name of the form matches.
func (f NameForm) Pattern() string {
	if f.first == "" {
		return "(?s)^.*$"
	}
	return fmt.Sprintf("^[%s][%s]{0,%d}$", f.first, f.more, mostName-1)
}

var BadName = codes.Error("IR0119", "malformed name",
	"Runbooks, steps and targets are named in lower case with hyphens (`open-case`); inputs, outputs, variables and loop names in lower case with underscores (`case_id`), because they stand in expressions.")

// CheckName reports a name that has not the form.
func (d *Decoder) CheckName(t runbook.Text, form NameForm) bool {
	if form.Fits(t.Value) {
		return true
	}
	detail := ""
	if strings.Contains(t.Value, "${{") {
		detail = "a name cannot be computed; write it out"
	} else if better := form.mend(t.Value); better != t.Value && form.Fits(better) {
		detail = fmt.Sprintf("write `%s`", better)
	}
	if n := len(t.Value); n > mostName && form.Fits(t.Value[:mostName]) && form.Fits("a"+t.Value[mostName:][:min(n-mostName, mostName-1)]) {
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
