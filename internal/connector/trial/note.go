package trial

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/irctl/irctl/internal/connector"
	plain "github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/action"
)

// Note writes what a look exchanged as a case of a file, indented as an entry of
// `cases`. State is what the look says.
func Note(name, action string, with action.Values, state string, exchanged []*connector.Exchange) ([]byte, error) {
	list := make([]any, len(exchanged))
	for i, e := range exchanged {
		one := map[string]any{"request": e.Request, "status": int64(e.Status)}
		for key, v := range map[string]any{"body": e.Body, "answer": e.Answer} {
			if v != nil {
				one[key] = v
			}
		}
		list[i] = one
	}
	text, err := plain.Encode([]any{map[string]any{"name": name, "action": action, "with": map[string]any(with), "state": state, "exchanges": list}})
	if err != nil {
		return nil, err
	}
	text, err = language.YAML(text, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' }, 140)
	if err != nil {
		return nil, err
	}
	return []byte("  " + strings.ReplaceAll(strings.TrimRight(string(text), "\n"), "\n", "\n  ") + "\n"), nil
}

// With is a file of cases with one more at its end.
func With(path string, src, noted []byte) ([]byte, error) {
	out := append([]byte(strings.TrimRight(string(src), "\n")+"\n"), noted...)
	before, _ := Parse(path, src)
	after, found := Parse(path, out)
	if before == nil || found.HasErrors() || after == nil || len(after.Cases) != len(before.Cases)+1 {
		return nil, fmt.Errorf("%s does not end with its `cases`, one a line, so the case cannot stand there", path)
	}
	return out, nil
}
