package drive

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/pkg/event"
)

// changes says what is another now than when people agreed to it, each as what
// was and what is; none if a yes to the one is a yes to the other.
func changes(was, is event.ApprovalAsked) []string {
	var out []string
	if was.Action == "" && is.Action != "" {
		return []string{"what it does could not be told before"}
	}
	differ := func(what string, was, is any) {
		// As they are written down: a journal that was read holds other types.
		before, _ := json.Marshal(was)
		now, _ := json.Marshal(is)
		if !bytes.Equal(before, now) {
			out = append(out, what+" was "+valued(was)+" and is "+valued(is))
		}
	}
	differ("the target", was.Target, is.Target)
	each := func(of string, was, is event.Values) {
		all := maps.Clone(was)
		if all == nil {
			all = event.Values{}
		}
		maps.Copy(all, is)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			differ(name+of, was[name], is[name])
		}
	}
	each("", was.With, is.With)
	if was.Described != nil && was.Target == is.Target { // a journal from before this was written down says nothing of it
		each(" of the target "+is.Target, was.Described, is.Described)
	}
	return out
}

// valued writes a value for a sentence.
func valued(v any) string {
	if v == nil || v == "" {
		return "nothing"
	}
	return expr.Text(v)
}
