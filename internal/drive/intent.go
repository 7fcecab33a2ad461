package drive

import (
	"reflect"
	"slices"
	"strings"

	"github.com/irctl/irctl/pkg/event"
)

// intent is what the journal says about an attempt. The attempt, a look at its
// outcome and its undoing are about that, whatever other steps have changed
// since in what the step's expressions see.
type intent struct {
	target string
	with   event.Values
	undo   bool // it is to be put back
}

// needless reports whether a secret need not be had: what an action recorded
// tells what to put back.
func (said *intent) needless(name string) bool {
	return said != nil && said.undo && hides(said.with[name])
}

// input is the value of an input: the intent's, if it differs from what the
// expression gives now. A secret is not in the intent; it is worked out again.
func (said *intent) input(name string, now any, err error, r *Redactor) (any, error) {
	if said == nil {
		return now, err
	}
	then := said.with[name]
	if hides(then) || err == nil && reflect.DeepEqual(r.Data(now), then) {
		return now, err
	}
	return then, nil
}

// hides reports whether data held a secret before it was written down.
func hides(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(v, redacted)
	case []any:
		return slices.ContainsFunc(v, hides)
	case map[string]any:
		for k, e := range v {
			if hides(k) || hides(e) {
				return true
			}
		}
	}
	return false
}
