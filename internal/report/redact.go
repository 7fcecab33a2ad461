package report

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// Rules say what of a report is not for its reader.
type Rules struct {
	replace []replacement
	leave   map[string]bool
}

type replacement struct {
	find *regexp.Regexp
	with string
}

// parts are what rules can leave out whole.
var parts = []string{"contained", "decisions", "waits", "failures", "exceptions", "clocks", "evidence", "undo", "timeline", "proof", "outputs", "chart"}

// Table is the keys of a file of rules.
func Table() language.Table { return rulesTable }

var rulesTable = language.NewTable(append(language.Header("redaction"),
	language.Key{Name: "replace", Forms: []language.Form{{Shape: language.ListShape, Of: language.AMapping(replaceTable)}}, Example: `[{text: Dana Meyer, with: "[person 1]"}]`,
		Description: "Texts that are replaced wherever they stand, in this order."},
	language.Key{Name: "leave_out", Forms: []language.Form{{Shape: language.ListShape, Of: language.AWord(parts...)}}, Example: "[timeline]",
		Description: "Parts of the report that are left out; it says so."},
)...)

var replaceTable = language.Table{OneOf: []string{"text", "match"}}.With(
	language.Key{Name: "text", Forms: language.AText(), Example: "Dana Meyer",
		Description: "The text, in whatever case."},
	language.Key{Name: "match", Forms: language.AText(), Example: `[\w.]+@example\.com`,
		Description: "A regular expression (RE2)."},
	language.Key{Name: "with", Forms: language.AText(), Default: "[redacted]", Example: "[person 1]",
		Description: "What stands there instead."},
)

// ParseRules reads a file of rules; it reports every problem at once.
func ParseRules(file string, src []byte) (Rules, runbook.Diagnostics) {
	var d language.Decoder
	out := Rules{leave: map[string]bool{}}
	m := d.File(file, src, "redaction", "rules of redaction", rulesTable)
	if m == nil {
		return out, d.Diagnostics()
	}
	for _, item := range m.Items("replace") {
		r := d.Fields(item, "an entry of `replace`", replaceTable)
		if r == nil {
			continue
		}
		with := "[redacted]"
		if r.Has("with") {
			with = r.Text("with").Value
		}
		pattern, at := "(?i)"+regexp.QuoteMeta(r.Text("text").Value), r.Text("match")
		if at.Given() {
			pattern = at.Value
		}
		find, err := regexp.Compile(pattern)
		switch {
		case at.Given() == r.Text("text").Given() || pattern == "(?i)":
			d.Report(language.Senseless, item.Span, "give one of `text` and `match`", "an entry of `replace` says what is replaced, in one way")
		case err != nil:
			d.Report(language.Malformed, at.Span, "see github.com/google/re2/wiki/Syntax", "`match` is not a regular expression (RE2)")
		default:
			out.replace = append(out.replace, replacement{find, with})
		}
	}
	for _, text := range m.Texts("leave_out") {
		if out.leave[text.Value] = true; !slices.Contains(parts, text.Value) {
			d.Report(language.UnknownWord, text.Span, "known here: "+strings.Join(parts, ", "), "`leave_out` names no part of a report: `%s`", action.CleanLine(text.Value, 40))
		}
	}
	return out, d.Diagnostics()
}

// Redact takes out of the report what rules name.
func (r *Report) Redact(rules Rules) {
	for i := range r.Runs {
		run := reflect.ValueOf(&r.Runs[i]).Elem()
		for _, name := range parts {
			if rules.leave[name] {
				run.FieldByName(strings.ToUpper(name[:1]) + name[1:]).SetZero()
			}
		}
	}
	for _, name := range parts {
		if rules.leave[name] {
			r.Left = append(r.Left, name)
		}
	}
	if len(rules.replace) > 0 {
		texts(reflect.ValueOf(r).Elem(), rules.text)
		r.Left = append(r.Left, fmt.Sprintf("texts that %d rules replaced", len(rules.replace)))
	}
}

// text is a text after all replacements.
func (rules Rules) text(text string) string {
	for _, r := range rules.replace {
		text = r.find.ReplaceAllLiteralString(text, r.with)
	}
	return text
}

// texts puts every text below a value through change.
func texts(v reflect.Value, change func(string) string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(change(v.String()))
	case reflect.Slice:
		for i := range v.Len() {
			texts(v.Index(i), change)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				texts(v.Field(i), change)
			}
		}
	}
}
