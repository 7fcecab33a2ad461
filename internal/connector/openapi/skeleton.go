package openapi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/pattern"
)

// Skeleton is a connector to begin with, and its cases: YAML to be edited. Spec
// says what is known of the action: its input that says of what it is, "" if
// nobody knows.
type Skeleton struct {
	Name, Action, Input string
	File                string // of the slice, beside the connector
	Date                string // of today, 2026-11-20
	Whole               string // SHA-256 of what the slice was cut from
}

// Connector writes the connector. Requests that only read are its look, the others
// are run in the order of the slice's paths.
func (d *Document) Connector(s Skeleton) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("irctl: v1\nkind: connector\nname: %s\ntitle: %s\nsummary: %s # TODO say what of it", s.Name, quoted(d.Title), scalar("systems of "+d.Title))
	line("source:\n  title: %s\n  url: %s # TODO where it is published\n  date: %s\n  description: %s\n  sha256: %s", quoted(strings.TrimSpace(d.Title+" "+d.Version)), "https://example.com", s.Date, s.File, s.Whole)
	line("config:\n  url: {type: string, required: true, pattern: 'https?://[^?#]+', description: Where it is., example: %s}", quoted(strings.NewReplacer("{", "", "}", "").Replace(d.Server())))
	secrets, auth := d.proof()
	for _, name := range secrets {
		line("  %s: {type: string, secret: true, required: true, description: What irctl signs in with.}", name)
	}
	line("base: ${{ config.url }}")
	if auth != "" {
		line("auth: %s", auth)
	} else {
		line("# TODO auth: the description does not say how requests prove who sends them, as in {bearer: '${{ config.token }}'}")
	}
	line("actions:\n  %s:", s.Action)
	if s.Input == "" {
		line("    summary: What it does # TODO this and what follows, in your words\n    description: What it does, and what undo does.\n    effect: change\n    inputs:\n      id: {type: string, required: true, subject: true, description: Of what.}")
		s.Input = "id"
	}
	var look, run []*Operation
	for _, o := range d.ops {
		if o.reads() {
			look = append(look, o)
		} else {
			run = append(run, o)
		}
	}
	if len(look) > 0 {
		line("    look:")
		for i, o := range look {
			line("      %s: {%s: %s, absent: [404]} # %s", found(i), strings.ToLower(o.Method), quoted(o.filled(s.Input)), oneLine(o.ID))
		}
		line("    missing: %s == null", found(0))
		line("    desired: %s", look[0].desired())
		line("    state: %s", strings.SplitN(look[0].desired(), " ==", 2)[0])
		line("    keep: {before: %s}", strings.SplitN(look[0].desired(), " ==", 2)[0])
	}
	if len(look) == 0 {
		line("    # TODO look, desired: no operation of these only reads, so nobody can see whether it was done; add one that does")
	}
	line("    run:")
	if len(run) == 0 {
		line("      [] # TODO no operation of these changes something; add one that does")
	}
	for _, o := range run {
		line("      - %s: %s # %s", strings.ToLower(o.Method), scalar(o.filled(s.Input)), oneLine(o.ID))
		if names := o.required(); len(names) > 0 {
			line("        body:")
			for _, name := range names {
				line("          %s: '' # TODO has to be sent", scalar(name))
			}
		}
	}
	line("    # TODO undo: {run: [{post: /...}], undone: what look finds is as record.before was}; without it nothing is put back")
	return b.String()
}

// Cases writes the cases.
func (d *Document) Cases(s Skeleton) string {
	var b strings.Builder
	state, change := "", ", set: {changed: true}"
	if i := slices.IndexFunc(d.ops, (*Operation).reads); i >= 0 {
		if name, values, _ := d.ops[i].tells(); values != nil {
			state, change = fmt.Sprintf(", %s: '%v'", name, values[0]), fmt.Sprintf(", set: {%s: '%v'}", name, last(values))
		}
	}
	fmt.Fprintf(&b, "irctl: v1\nkind: connector-test\nconnector: %s\nserver:\n  state:\n    things:\n      - {id: t1%s}\n  operations:\n", s.Name, state)
	for _, o := range d.ops {
		names := inPath().FindAllString(o.Path, -1)
		where := "'true'"
		if len(names) > 0 {
			where = quoted("it.id == path[" + strconv.Quote(strings.Trim(names[len(names)-1], "{}")) + "]")
		}
		set := ""
		if !o.reads() {
			set = change
		}
		fmt.Fprintf(&b, "    %s: {one: things, where: %s%s}\n", quoted(o.ID), where, set)
	}
	input := s.Input
	if input == "" {
		input = "id"
	}
	fmt.Fprintf(&b, "cases:\n  - {action: %s, with: {%s: t1}}\n", s.Action, input)
	return b.String()
}

// reads reports whether the operation changes nothing (RFC 9110 section 9.2.1).
func (o *Operation) reads() bool { return o.Method == "GET" || o.Method == "HEAD" }

func last(values []any) any { return values[len(values)-1] }

func found(i int) string {
	if i == 0 {
		return "found"
	}
	return fmt.Sprintf("found_%d", i+1)
}

// filled is the path with an input in place of what it names.
func (o *Operation) filled(input string) string {
	path, _, _ := strings.Cut(o.Path, "#")
	return inPath().ReplaceAllString(path, "$${{ inputs."+input+" }}")
}

// tells is a guess of which property tells how it is, one with few values, and all
// properties. It is "" if nothing is described.
func (o *Operation) tells() (name string, values []any, all []string) {
	described, _ := o.answer(o.Good())
	for _, key := range sorted(object(described["content"])) {
		schema := o.doc.flat(o.doc.follow(object(object(described["content"])[key])["schema"]), nil)
		properties := object(schema["properties"])
		odd := func(name string) bool { return !identifier().MatchString(name) }
		all = slices.DeleteFunc(sorted(properties), odd) // the others need another form in CEL
		for _, name := range all {
			strange := func(v any) bool { return !word().MatchString(fmt.Sprint(v)) }
			if values := slices.DeleteFunc(slices.Clone(list(o.doc.follow(properties[name])["enum"])), strange); len(values) > 1 {
				return name, values, all
			}
		}
	}
	if len(all) > 0 {
		name = all[0]
	}
	return name, nil, all
}

// desired is what may tell that it is as wanted.
func (o *Operation) desired() string {
	switch name, values, all := o.tells(); {
	case name == "":
		return "found.status == 200 # TODO what tells that it is done; the description does not say what it answers"
	case values == nil:
		return fmt.Sprintf("found.json.%s == '' # TODO what tells that it is done; it has %s", name, strings.Join(all[:min(len(all), 12)], ", "))
	default:
		return fmt.Sprintf("found.json.%s == '%v' # one of %v", name, last(values), values)
	}
}

// required are the names that a body has to have.
func (o *Operation) required() (out []string) {
	content := object(o.doc.follow(o.node["requestBody"])["content"])
	schema := o.doc.flat(o.doc.follow(object(content[JSONType])["schema"]), nil)
	for _, name := range list(schema["required"]) {
		if o.doc.follow(object(schema["properties"])[text(name)])["readOnly"] != true {
			out = append(out, text(name))
		}
	}
	slices.Sort(out)
	return out
}

// proof is how who asks is told: fields of the config that are secret, and the
// value of `auth`.
func (d *Document) proof() (secrets []string, auth string) {
	for _, o := range d.ops {
		for _, s := range o.schemes() {
			switch {
			case s["type"] == "apiKey":
				return []string{"key"}, fmt.Sprintf("{%s: {name: %s, value: '${{ config.key }}'}}", scalar(text(s["in"])), scalar(text(s["name"])))
			case s["type"] == "http" && strings.EqualFold(text(s["scheme"]), "basic"):
				return []string{"user", "password"}, "{basic: {user: '${{ config.user }}', password: '${{ config.password }}'}}"
			case s["type"] == "http":
				return []string{"token"}, "{bearer: '${{ config.token }}'}"
			case s["type"] == "oauth2":
				for _, flow := range sorted(object(s["flows"])) {
					if at := text(object(object(s["flows"])[flow])["tokenUrl"]); at != "" {
						return []string{"client", "secret"}, fmt.Sprintf("{oauth2: {token_url: %s, client_id: '${{ config.client }}', client_secret: '${{ config.secret }}'}}", quoted(at))
					}
				}
			}
		}
	}
	return nil, ""
}

var (
	identifier = pattern.Late(`^[A-Za-z_][A-Za-z0-9_]*$`)
	word       = pattern.Late(`^[A-Za-z0-9_/$][A-Za-z0-9_/$ .{}-]*$`)
)

// scalar is a text as a value of YAML, between single quotes if it needs them.
func scalar(text string) string {
	if word().MatchString(text) {
		return text
	}
	return quoted(text)
}

// quoted is a text as YAML has it between single quotes.
func quoted(text string) string { return "'" + strings.ReplaceAll(oneLine(text), "'", "''") + "'" }

// oneLine is a text without what ends a line of YAML.
func oneLine(text string) string {
	return strings.NewReplacer("\n", " ", "\r", " ", "\u0085", " ", "\u2028", " ", "\u2029", " ").Replace(text)
}
