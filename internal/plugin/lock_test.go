//go:build unix

package plugin

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
)

// describing is a plugin that describes itself so and does nothing.
func describing(t *testing.T, offers ...action.Offer) string {
	text, err := json.Marshal(action.Message{Type: action.TypeAnswer, ID: "1", Actions: offers})
	require.NoError(t, err)
	return "#!/bin/sh\n" + hello + "cat <<'END'\n" + string(text) + "\nEND\n"
}

// trust has a host trust a plugin as it is.
func trust(t *testing.T, h *Host, path string) Entry {
	e, err := h.Describe(t.Context(), Entry{Path: path})
	require.NoError(t, err)
	e.Trusted, e.By = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), "alice"
	require.NoError(t, h.Trust(e))
	return e
}

// A trusted plugin brings its actions with the types of their fields, by what the
// lock file says alone: nothing is run for them.
func TestTheActionsOfTrustedPlugins(t *testing.T) {
	h := host(t)
	door := offer
	door.Spec.Inputs = []action.Field{{Name: "tries", Type: action.Int, Default: 3}, {Name: "within", Type: action.Duration, Default: "90s"}}
	door.Spec.Summary = "Lock\x1b[2J a door"
	path := put(t, h, "door", describing(t, door))
	r, err := h.Into(registry.Builtin())
	require.NoError(t, err)
	require.Equal(t, registry.Builtin().Names(), r.Names(), "what is not trusted is not there")

	trust(t, h, path)
	require.NoError(t, os.Remove(path))
	r, err = h.Into(registry.Builtin())
	require.NoError(t, err)
	spec, ok := r.Spec("door.lock")
	require.True(t, ok)
	require.Equal(t, "Lock␛[2J a door", spec.Summary)
	require.Equal(t, []any{int64(3), "90s"}, []any{spec.Inputs[0].Default, spec.Inputs[1].Default})
	require.True(t, r.Inspects("door.lock") && r.Undoes("door.lock"))

	h.Folders = []string{t.TempDir()}
	r, err = h.Into(registry.Builtin())
	require.NoError(t, err)
	_, ok = r.Spec("door.lock")
	require.False(t, ok, "it lies in none of the folders")
}

// A plugin that describes an action of irctl adds its target types to that, and
// takes none away.
func TestAPluginBringsAKindOfTarget(t *testing.T) {
	h := host(t)
	mail := action.Offer{Inspect: true, Spec: action.Spec{
		Name: "email.suspend", Summary: "Suspend", Description: "Suspends.", Effect: action.Change,
		Targets: []action.TargetType{{Name: "pigeons", Summary: "Pigeons", Undo: true}},
	}}
	trust(t, h, put(t, h, "pigeons", describing(t, mail)))
	r, err := h.Into(registry.Builtin())
	require.NoError(t, err)
	was, _ := registry.Builtin().Spec("email.suspend")
	is, _ := r.Spec("email.suspend")
	require.Equal(t, was.Inputs, is.Inputs)
	require.Len(t, is.Targets, len(was.Targets)+1)
	form, ok := is.TargetType("pigeons")
	require.True(t, ok)
	require.False(t, form.Undo, "it says that it cannot undo")

	trust(t, h, put(t, h, "pigeons", strings.Replace(describing(t, mail), "cat <<", "case $request in *describe*) ;; *) "+answer+"exit ;; esac\ncat <<", 1)))
	r, err = h.Into(registry.Builtin())
	require.NoError(t, err)
	a, _ := r.Lookup("email.suspend")
	req := action.Request{Attempt: 1, Target: action.Target{Type: "pigeons"}}
	res, err := a.Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, "locked", res.Summary)
	seen, err := a.(action.Inspector).Inspect(t.Context(), req)
	require.NoError(t, err)
	require.True(t, seen.Desired)
	_, err = a.(action.Undoer).Undo(t.Context(), req, &actiontest.Sink{})
	require.ErrorContains(t, err, "cannot undo what it did to a target of type pigeons")

	mail.Spec.Targets[0].Name = "postfix"
	trust(t, h, put(t, h, "pigeons", describing(t, mail)))
	r, err = h.Into(registry.Builtin())
	require.ErrorContains(t, err, "the plugin pigeons describes email.suspend, which is there already")
	is, _ = r.Spec("email.suspend")
	require.Len(t, is.Targets, len(was.Targets))
}

func TestADescriptionThatIsNoneIsRefused(t *testing.T) {
	for says, change := range map[string]func(*action.Spec){
		"a name is NOUN.VERB":                                  func(s *action.Spec) { s.Name = "Lock the door" },
		"summary or description is missing":                    func(s *action.Spec) { s.Description = "" },
		`effect is read, change or irreversible, not "none"`:   func(s *action.Spec) { s.Effect = "none" },
		"inputs: \"a b\" is no name":                           func(s *action.Spec) { s.Inputs = []action.Field{{Name: "a b", Type: action.String}} },
		`there is no type "text"`:                              func(s *action.Spec) { s.Inputs = []action.Field{{Name: "a", Type: "text"}} },
		"its default":                                          func(s *action.Spec) { s.Inputs = []action.Field{{Name: "a", Type: action.Int, Default: "x"}} },
		"an enum has values":                                   func(s *action.Spec) { s.Inputs = []action.Field{{Name: "a", Type: action.Enum}} },
		"error parsing regexp":                                 func(s *action.Spec) { s.Inputs = []action.Field{{Name: "a", Type: action.String, Pattern: "("}} },
		`targets: "" is no name`:                               func(s *action.Spec) { s.Targets = []action.TargetType{{}} },
		`read_if names no input: "effect"`:                     func(s *action.Spec) { s.ReadIf.Input = "effect" },
		"outputs: \"count\" is no name, or stands there twice": func(s *action.Spec) { s.Outputs = append(s.Outputs, s.Outputs...) },
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			h, o := host(t), offer
			change(&o.Spec)
			_, err := h.Describe(t.Context(), Entry{Path: put(t, h, "door", describing(t, o))})
			require.ErrorContains(t, err, says)
			require.ErrorContains(t, err, "the plugin door does not describe itself as an action must")
		})
	}
	h := host(t)
	_, err := h.Describe(t.Context(), Entry{Path: put(t, h, "door", describing(t))})
	require.ErrorContains(t, err, "it has 0 actions")
	_, err = h.Describe(t.Context(), Entry{Path: put(t, h, "door", describing(t, offer, offer))})
	require.ErrorContains(t, err, `action "door.lock" stands there twice`)
}

// A lock file that cannot be read means that nothing is trusted, and says so.
func TestALockFileThatIsBroken(t *testing.T) {
	h := host(t)
	require.NoError(t, os.WriteFile(h.Lock, []byte(`{"plugins": [{"path": "`+h.Folders[0]+`/irctl-action-door", "actions": [{}]}]}`), 0o600))
	r, err := h.Into(registry.Builtin())
	require.ErrorContains(t, err, "cannot be read, so no plugin is used")
	require.Equal(t, registry.Builtin().Names(), r.Names())

	require.NoError(t, os.WriteFile(h.Lock, []byte(`{}`), 0o600))
	require.NoError(t, os.Chmod(h.Lock, 0o666))
	_, err = h.Into(registry.Builtin())
	require.ErrorContains(t, err, "may be written by others")
}

// What is wrong with a plugin is found by trying it, and said in words.
func TestTryingAPluginThatIsWrong(t *testing.T) {
	h := host(t)
	never := strings.Replace(example(t, "sh"), `echo "$1" >"$door.new" && mv "$door.new" "$door" && result true "$1"`, `result true "$1"`, 1)
	checks, err := h.Try(t.Context(), put(t, h, "door", never))
	require.NoError(t, err)
	var wrong []string
	for _, c := range checks {
		if c.Problem != "" {
			wrong = append(wrong, c.Name+": "+c.Problem)
		}
	}
	text := strings.Join(wrong, "\n")
	require.Contains(t, text, "door.lock: run, again, undo: ")
	require.NotContains(t, text, "Error Trace")
	require.NotContains(t, text, ".go:")
	require.NoError(t, os.Remove(CasesOf(h.Folders[0]+"/irctl-action-door")))
	checks, err = h.Try(t.Context(), h.Folders[0]+"/irctl-action-door")
	require.NoError(t, err)
	require.Contains(t, checks[len(checks)-1].Problem, "has no case for it")
}
