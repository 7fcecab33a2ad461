package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/action"
)

// Offered is what somebody has to know of an action before trusting it.
func Offered(o action.Offer) [2]string {
	names := func(what string, fields []action.Field) string {
		return what + strings.Join(each.Of(fields, func(f action.Field) string { return f.Name }), ", ")
	}
	says := []string{string(o.Spec.Effect), o.Spec.Summary, names("inputs ", o.Spec.Inputs)}
	for _, t := range o.Spec.Targets {
		says = append(says, names("targets of type "+t.Name+" with ", t.Fields))
	}
	if !o.Inspect {
		says = append(says, "cannot look")
	}
	if !o.Undo {
		says = append(says, "cannot undo")
	}
	return [2]string{o.Spec.Name, strings.Join(says, "; ")}
}

// maxOffers is the most actions that one plugin may have.
const maxOffers = 64

// Describe runs the plugin of an entry, whether it is trusted or not, and fills in
// what it says that it can do. If the entry has a hash, nothing else is run.
func (h *Host) Describe(ctx context.Context, e Entry) (Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	var offers []action.Offer
	var bad error
	heard := func(m action.Message) (*action.Message, error) {
		if m.Type != action.TypeAnswer || m.Error != nil {
			return nil, nil
		}
		if offers, bad = clean(m.Actions); bad == nil {
			bad = check(offers)
		}
		return nil, nil
	}
	m, sum, err := h.call(ctx, e, action.Message{Type: action.TypeDescribe, ID: "1"}, nil, io.Discard, heard)
	if err == nil && m.Error != nil {
		err = errors.New(action.CleanLine(m.Error.Message, 300))
	}
	if err == nil && bad != nil {
		err = fmt.Errorf("the plugin %s does not describe itself as an action must: %w", e.Name(), bad)
	}
	e.SHA256, e.Actions = sum, offers
	return e, err
}

// clean makes the texts of a description harmless: they go into help, errors and
// schemas.
func clean(offers []action.Offer) (out []action.Offer, err error) {
	text, err := json.Marshal(offers)
	if err != nil {
		return nil, err
	}
	v, err := data.Decode(text)
	if err == nil {
		text, err = data.Encode(data.Clean(v))
	}
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	return out, err
}

var (
	actionName = pattern.Late(`^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+$`)
	fieldName  = pattern.Late(`^[a-z][a-z0-9_-]*$`)
)

// check finds what a description lacks, and gives its defaults the types of their
// fields.
func check(offers []action.Offer) error {
	if len(offers) == 0 || len(offers) > maxOffers {
		return fmt.Errorf("it has %d actions, and must have 1 to %d", len(offers), maxOffers)
	}
	for i := range offers {
		o := &offers[i]
		s := &o.Spec
		if err := checkSpec(s); err != nil {
			return fmt.Errorf("action %q: %w", action.CleanLine(s.Name, 60), err)
		}
		if slices.ContainsFunc(offers[:i], func(other action.Offer) bool { return other.Spec.Name == s.Name }) {
			return fmt.Errorf("action %q stands there twice", s.Name)
		}
		for j := range s.Targets {
			s.Targets[j].Undo = o.Undo
		}
	}
	return nil
}

func checkSpec(s *action.Spec) error {
	switch {
	case !actionName().MatchString(s.Name):
		return errors.New("a name is NOUN.VERB, in small letters, digits, - and _")
	case s.Summary == "" || s.Description == "":
		return errors.New("summary or description is missing")
	case !slices.Contains([]action.Effect{action.Read, action.Change, action.Irreversible}, s.Effect):
		return fmt.Errorf("effect is read, change or irreversible, not %q", s.Effect)
	case s.ReadIf.Input != "" && !slices.ContainsFunc(s.Inputs, func(f action.Field) bool { return f.Name == s.ReadIf.Input }):
		return fmt.Errorf("read_if names no input: %q", s.ReadIf.Input)
	}
	err := errors.Join(checkFields("inputs", s.Inputs), checkFields("outputs", s.Outputs))
	for i, t := range s.Targets {
		if !fieldName().MatchString(t.Name) || t.Summary == "" || slices.ContainsFunc(s.Targets[:i], func(o action.TargetType) bool { return o.Name == t.Name }) {
			return fmt.Errorf("targets: %q is no name, stands there twice, or has no summary", t.Name)
		}
		err = errors.Join(err, checkFields("target "+t.Name, t.Fields))
	}
	return err
}

// types are those that a field may have; "" is any, of a list's elements.
var types = []action.Type{action.String, action.Int, action.Float, action.Bool, action.Duration, action.Time, action.List, action.Map, action.Enum, action.Any}

func checkFields(where string, fields []action.Field) error {
	for i := range fields {
		f := &fields[i]
		_, badPattern := regexp.Compile(f.Pattern)
		switch {
		case !fieldName().MatchString(f.Name) || slices.ContainsFunc(fields[:i], func(o action.Field) bool { return o.Name == f.Name }):
			return fmt.Errorf("%s: %q is no name, or stands there twice", where, f.Name)
		case !slices.Contains(types, f.Type) || f.Items != "" && !slices.Contains(types, f.Items):
			return fmt.Errorf("%s.%s: there is no type %q of %q", where, f.Name, f.Type, f.Items)
		case f.Type == action.Enum && len(f.Enum) == 0:
			return fmt.Errorf("%s.%s: an enum has values", where, f.Name)
		case badPattern != nil:
			return fmt.Errorf("%s.%s: %w", where, f.Name, badPattern)
		}
		if f.Default != nil {
			typed, problem := coerce.One(*f, f.Default)
			if problem != nil {
				return fmt.Errorf("%s.%s: its default %s", where, f.Name, problem.Message)
			}
			if _, text := f.Default.(string); !text { // a number of JSON has no type of its own
				f.Default = typed
			}
		}
		if err := checkFields(where+"."+f.Name, f.Fields); err != nil {
			return err
		}
	}
	return nil
}
