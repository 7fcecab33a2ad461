package page

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/irctl/irctl/pkg/action"
)

// Alternative is another way to get something done, as customers read it.
type Alternative struct{ Name, How, Contact string }

// Notice is what a page says. The same notice always renders to the same
// bytes, so that a look at the file tells whether it is up.
type Notice struct {
	Title        string
	Message      string // paragraphs are separated by an empty line
	Heading      string // above the alternatives
	Alternatives []Alternative
	RetryAfter   time.Duration // 0 says nothing about when
}

// HTML renders the notice. Nothing in it can become markup.
func (n Notice) HTML() ([]byte, error) {
	var b bytes.Buffer
	err := layout.Execute(&b, struct {
		Notice
		Paragraphs []string
		Seconds    int64
		When       string
	}{n, Paragraphs(n.Message), int64(n.RetryAfter / time.Second), spoken(n.RetryAfter)})
	if err != nil {
		return nil, fmt.Errorf("render the page: %w", err)
	}
	return b.Bytes(), nil
}

// The page carries its own few rules of style and loads nothing: whatever
// served styles and images may be what is being contained.
var layout = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
{{- if .Seconds}}
<meta name="retry-after" content="{{.Seconds}}">
{{- end}}
<title>{{.Title}}</title>
<style>
body { font: 1.125rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff; }
dt { font-weight: 600; margin-top: 1rem; }
dd { margin: 0; }
</style>
</head>
<body>
<main>
<h1>{{.Title}}</h1>
{{- range .Paragraphs}}
<p>{{.}}</p>
{{- end}}
{{- if .Alternatives}}
<h2>{{.Heading}}</h2>
<dl>
{{- range .Alternatives}}
<dt>{{.Name}}</dt>
{{- if .How}}
<dd>{{.How}}</dd>
{{- end}}
{{- if .Contact}}
<dd>{{.Contact}}</dd>
{{- end}}
{{- end}}
</dl>
{{- end}}
{{- if .When}}
<p>Please try again in {{.When}}.</p>
{{- end}}
</main>
</body>
</html>
`))

// Alternatives reads a list whose elements are texts or maps with name, how
// and contact.
func Alternatives(list []any) ([]Alternative, error) {
	out := make([]Alternative, 0, len(list))
	for i, e := range list {
		var a Alternative
		switch v := e.(type) {
		case string:
			a.Name = action.Clean(v)
		case map[string]any:
			m := action.Values(v)
			for key := range m {
				if key != "name" && key != "how" && key != "contact" {
					return nil, notAlternative(i, fmt.Sprintf("has the key %q", key))
				}
			}
			a = Alternative{
				Name:    action.Clean(m.String("name")),
				How:     action.Clean(m.String("how")),
				Contact: action.Clean(m.String("contact")),
			}
		default:
			return nil, notAlternative(i, fmt.Sprintf("is a %T", e))
		}
		if strings.TrimSpace(a.Name) == "" {
			return nil, notAlternative(i, "has no name")
		}
		out = append(out, a)
	}
	return out, nil
}

func notAlternative(i int, what string) error {
	return &action.Error{
		Message:   fmt.Sprintf("alternative %d %s", i+1, what),
		Hint:      "write each as a text, or as a map with name, how and contact",
		Permanent: true,
	}
}

// Names returns the alternatives' names.
func Names(alternatives []Alternative) []string {
	names := make([]string, len(alternatives))
	for i, a := range alternatives {
		names[i] = a.Name
	}
	return names
}

// Paragraphs splits a message at its empty lines.
func Paragraphs(text string) []string {
	var out []string
	for p := range strings.SplitSeq(action.Clean(text), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// spoken says a duration as a notice would: "about 2 hours".
func spoken(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d < 90*time.Minute:
		return count(int((d+time.Minute-1)/time.Minute), "minute")
	case d < 48*time.Hour:
		return "about " + count(int((d+30*time.Minute)/time.Hour), "hour")
	default:
		return "about " + count(int((d+12*time.Hour)/(24*time.Hour)), "day")
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// CheckAlternatives finds what is wrong with the input `alternatives` of a step.
func CheckAlternatives(with action.Values) []action.Problem {
	_, err := Alternatives(with.List("alternatives"))
	if err == nil {
		return nil
	}
	p := action.Problem{Input: "alternatives", Message: err.Error()}
	var e *action.Error
	if errors.As(err, &e) {
		p.Message, p.Hint = e.Message, e.Hint
	}
	return []action.Problem{p}
}
