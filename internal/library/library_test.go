package library

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/event"
)

const (
	lookRunbook = "irctl: v1\nname: look\ntitle: Look\nowner: oncall@example.com\ninputs:\n  n: {type: int, required: true}\nsteps:\n" +
		"  - {id: ask, approve: {roles: [commander], within: 1h, not_requester: true}}\n" +
		"  - {id: stop, uses: email.suspend, target: mail, timeout: 1m, verify: true}\n" +
		"  - {id: count, set: {of: \"${{ inputs.n }}\"}}\n"
	bare  = "irctl: v1\nkind: environment\nname: bare\npeople:\n  dana: {name: Dana, roles: [commander], user: dana}\n"
	acme  = "irctl: v1\nkind: environment\nname: acme\npeople:\n  dana: {name: Dana, roles: [commander], user: dana}\ntargets:\n  mail: {type: command, config: {status: {argv: [ask], suspended_when: {exit_code: [3]}}, suspend: {argv: [off]}, restore: {argv: [on]}}}\n"
	tests = "irctl: v1\nkind: test\ntests:\n  - {name: one, inputs: {n: 1}, expect: {end: waiting}}\n"
)

// shelf is a library over a folder with these files.
func shelf(t *testing.T, files map[string]string) *Library {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return New(Config{
		Dir: dir, User: filepath.Join(dir, "user"), Machine: filepath.Join(dir, "etc"), Lab: filepath.Join(dir, "lab"),
		Actions: registry.Builtin(), Now: func() time.Time { return time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC) },
	})
}

func TestANameMeansOneFileOrNone(t *testing.T) {
	l := shelf(t, map[string]string{
		"runbooks/look.yaml": lookRunbook, "runbooks/twice.yaml": lookRunbook, "user/irctl/runbooks/twice.yaml": lookRunbook,
		"runbooks/look.test.yaml": tests,
	})
	d, err := l.Runbook("look")
	require.NoError(t, err)
	require.Equal(t, "runbooks/look.yaml", d.Path)
	require.Equal(t, "Look", d.Title())

	for name, want := range map[string]*NameError{
		"twice": {Reason: TwoOfAName, Problem: "two runbooks are called twice", Names: []string{"runbooks/twice.yaml", "user/irctl/runbooks/twice.yaml"}},
		"loko":  {Reason: NoSuchName, Problem: "there is no runbook loko; did you mean `look`?"},
		".look": {Reason: NoName, Problem: `".look" is not the name of a runbook`},
	} {
		_, err := l.Runbook(name)
		var got *NameError
		require.ErrorAs(t, err, &got, name)
		want.Kind, want.Name, want.Hint = KindRunbook, name, got.Hint
		require.Equal(t, want, got)
	}
	_, err = l.Runbook("./missing.yaml")
	var file *FileError
	require.ErrorAs(t, err, &file)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = l.EnvironmentFile("lab")
	var none *NameError
	require.ErrorAs(t, err, &none)
	require.Equal(t, NoLab, none.Reason)

	shipped, err := l.Runbook("containment")
	require.NoError(t, err)
	require.True(t, shipped.Shipped())
	var names []string
	for _, one := range l.Runbooks() {
		names = append(names, one.Name)
	}
	require.Subset(t, names, []string{"look", "twice", "containment"})
	require.NotContains(t, names, "look.test", "tests are no runbooks")
}

func TestPrepareSaysWhatARunLacks(t *testing.T) {
	l := shelf(t, map[string]string{
		"runbooks/look.yaml": lookRunbook, "environments/acme.yaml": acme,
		"environments/bare.yaml": bare, "runbooks/bad.yaml": "irctl: v1\nname: bad\nsteps:\n  - {id: a, uses: exce}\n",
	})
	one := map[string]string{"n": "1"}
	w, err := l.Prepare(Request{Runbook: "look", Environment: "acme", Inputs: one})
	require.NoError(t, err)
	require.Equal(t, []any{"look", "acme", event.Values{"n": int64(1)}}, []any{w.Plan.Runbook, w.Environment.Name(), w.Inputs})

	for _, test := range []struct {
		asked  Request
		reason UnreadyReason
		says   string
	}{
		{Request{Runbook: "look", Environment: "", Inputs: one}, NoEnvironment, "no environment says which systems those are"},
		{Request{Runbook: "look", Environment: "bare", Inputs: one}, Unsuitable, "does not suit look\n- the environment `bare` has no target `mail` (step stop)"},
		{Request{Runbook: "look", Environment: "acme", Inputs: nil}, BadInputs, "the inputs of look are not complete or not right\n- n "},
	} {
		_, err := l.Prepare(test.asked)
		var got *Unready
		require.ErrorAs(t, err, &got, test.says)
		require.Equal(t, test.reason, got.Reason)
		require.Contains(t, err.Error(), test.says)
	}
	_, err = l.Prepare(Request{Runbook: "bad"})
	var invalid *Invalid
	require.ErrorAs(t, err, &invalid)
	require.True(t, invalid.Found.HasErrors())
}

func TestTheMachinesPolicyCounts(t *testing.T) {
	files := map[string]string{
		"runbooks/look.yaml": lookRunbook, "environments/acme.yaml": acme,
		"etc/irctl/policy.yaml": "irctl: v1\nkind: policy\napprovals:\n  - {roles: [commander], need: 2}\n",
	}
	_, err := shelf(t, files).Prepare(Request{Runbook: "look", Environment: "acme", Inputs: map[string]string{"n": "1"}})
	var few *Unready
	require.ErrorAs(t, err, &few)
	require.Equal(t, TooFew, few.Reason)
	require.Equal(t, []string{"step ask needs 2 persons who are commander, and there are 1"}, few.Reasons)

	files["etc/irctl/policy.yaml"] = "irctl: v1\nkind: policy\nnonsense: true\n"
	l := shelf(t, files)
	_, err = l.Policy()
	var policy *environment.PolicyError
	require.ErrorAs(t, err, &policy)
	_, err = l.Prepare(Request{Runbook: "look", Environment: "acme", Inputs: map[string]string{"n": "1"}})
	require.Error(t, err, "a policy that cannot be read forbids everything")
}

func TestGatherPassesOverWhatIsSomebodyElses(t *testing.T) {
	l := shelf(t, map[string]string{
		"runbooks/look.yaml": lookRunbook, "runbooks/_old/look.yaml": lookRunbook, "runbooks/testdata/bad.yaml": "irctl: v1\n",
		"runbooks/chart.yaml": "apiVersion: v1\n", "runbooks/notes.txt": "x",
	})
	got := map[string]string{}
	for _, c := range l.Check(l.Gather([]string{"runbooks", "runbooks/look.yaml", "missing.yaml"}, Stream{}), nil) {
		require.False(t, c.Found.HasErrors(), "%s: %v", c.Name, c.Found)
		got[filepath.ToSlash(c.Name)] = c.Kind
	}
	require.Equal(t, map[string]string{"runbooks/look.yaml": KindRunbook, "runbooks/chart.yaml": "", "missing.yaml": KindFile}, got)

	in := Stream{"runbooks/typed.yaml", strings.NewReader("irctl: v1\nname: bad\nsteps: []\n")}
	found := l.Check(l.Gather([]string{"-"}, in), nil)
	require.Len(t, found, 1)
	require.Equal(t, "runbooks/typed.yaml", found[0].Found[0].Span.File)
}

func TestTestsStandBesideTheirRunbook(t *testing.T) {
	l := shelf(t, map[string]string{"runbooks/look.yaml": lookRunbook, "runbooks/look.test.yaml": tests, "runbooks/alone.yaml": lookRunbook})
	every := regexp.MustCompile("")
	for _, arg := range []string{"look", "runbooks", "runbooks/look.yaml", "runbooks/look.test.yaml"} {
		files, err := l.Tests([]string{arg}, Stream{}, every)
		require.NoError(t, err, arg)
		require.Len(t, files, 1)
		require.False(t, files[0].Found.HasErrors(), "%v", files[0].Found)
		require.Equal(t, "runbooks/look.yaml", files[0].Runbook.Path)
	}
	_, err := l.Tests([]string{"alone"}, Stream{}, every)
	var none *NameError
	require.ErrorAs(t, err, &none)
	require.Equal(t, []string{KindTest, "runbooks/alone.yaml has no tests", "They stand in alone.test.yaml beside it."}, []string{none.Kind, none.Problem, none.Hint})
}
