package cacao

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/irctl/irctl/pkg/action"
)

// maxOutput is the most of a stream or body that becomes an output, and the
// most that a variable takes, in bytes.
const maxOutput = 64 << 10

// maxKept is the most of a stream in which `take` looks for values, in bytes.
const maxKept = 1 << 20

// whole is a stream or body as an output. A part must not pass for the whole.
func whole(text, name string) any {
	if len(text) > maxOutput {
		return &action.Error{Message: fmt.Sprintf("%s is longer than %d bytes, the most that becomes a text", name, maxOutput), Hint: "let the command give less, or `take` the values that are needed from it"}
	}
	return action.Clean(text)
}

// inputs are the inputs that all commands have, with the words for this one.
func inputs(command, example string, more ...action.Field) []action.Field {
	all := []action.Field{
		{Name: "command", Type: action.String, Description: command, Example: example},
		{Name: "command_b64", Type: action.String, Description: "The same in base64 (RFC 4648 section 4), instead of command. References inside count, too."},
	}
	return append(append(all, more...),
		action.Field{Name: "variables", Type: action.Map, Secret: true, Description: "The variables that the command refers to, by name with underscores. They may be secrets. null has no value, and is refused where it is needed.", Example: "{__ip__: 192.0.2.7}"},
		action.Field{Name: "take", Type: action.Map, Items: action.Map, Description: "Where the values come from that the command gives back, by the name of the variable: from is stdout, stderr, exit, status, header (name), body, json (path, RFC 9535) or regex (pattern, RE2; the first group). A type of CACAO such as integer or ipv4-addr may stand beside; the value must fit it.", Example: "{__id__: {from: json, path: $.id}}"},
	)
}

// taken is the output that all commands have.
var taken = action.Field{Name: "values", Type: action.Map, Items: action.Any, Description: "The values that `take` asks for, by the name of the variable."}

// shellOutputs are the outputs of commands that run programs.
func shellOutputs() []action.Field {
	return []action.Field{
		{Name: "stdout", Type: action.String, Description: "The standard output, made harmless to show; no value if it is longer than 64 KiB."},
		{Name: "stderr", Type: action.String, Description: "The error output, made harmless to show; no value if it is longer than 64 KiB."},
		{Name: "exit_code", Type: action.Int, Description: "The exit code."},
		taken,
	}
}

// commandText returns the command's text.
func commandText(with action.Values) (string, error) {
	text, err := given(with, "command")
	if err == nil && text == "" {
		err = permanent("there is no command", "give command or command_b64")
	}
	return text, err
}

// given returns a text that stands in an input, or in base64 in the one whose
// name ends in _b64; "" if it is in neither.
func given(with action.Values, name string) (string, error) {
	text, b64 := with.String(name), with.String(name+"_b64")
	switch {
	case b64 == "":
		return text, nil
	case text != "":
		return "", permanent("both "+name+" and "+name+"_b64 are given", "keep the one that is meant")
	}
	decoded, err := decode(name+"_b64", b64)
	return string(decoded), err
}

func decode(name, text string) ([]byte, error) {
	out, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, permanent(name+" is not base64", "RFC 4648 section 4, with padding and without line ends")
	}
	return out, nil
}

// validate finds mistakes in the inputs that all commands have. write makes
// something of the command's text and fails if no value could be put into it
// safely, whatever the values are.
func validate(with action.Values, write func(string, values) error) []action.Problem {
	var out []action.Problem
	report := func(input string, err error) {
		var e *action.Error
		if errors.As(err, &e) {
			out = append(out, action.Problem{Input: input, Message: e.Message, Hint: e.Hint})
		}
	}
	for _, name := range []string{"command", "content"} {
		text, err := given(with, name)
		if err != nil {
			report(name+"_b64", err)
		} else if text != "" && name == "command" {
			report(name, write(text, anyValues(text)))
		}
	}
	specs := with.Map("take")
	for _, name := range slices.Sorted(maps.Keys(specs)) {
		_, err := newTake(name, specs.Map(name))
		report("take."+name, err)
	}
	return out
}

// anyValues gives every variable of a text a value.
func anyValues(text string) values {
	out := values{}
	for _, ref := range references(text, nil) {
		out[ref.Name] = "x"
	}
	return out
}
