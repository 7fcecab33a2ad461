//go:build unix

package real

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
	"github.com/irctl/irctl/internal/registry"
)

// TestAnEditorCompletesAndExplains opens files in the language server that
// editors use. The schema is what `irctl runbook new` wrote beside them, found
// by the line with which it begins every file.
func TestAnEditorCompletesAndExplains(t *testing.T) {
	folder := t.TempDir()
	made := func(args ...string) string {
		cmd := child.Command(t, filepath.Join(folder, "home"), []string{"HOME=" + folder}, args...)
		cmd.Dir = folder
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		text, err := os.ReadFile(filepath.Join(folder, args[0]+"s", args[2]+".yaml"))
		require.NoError(t, err)
		return string(text)
	}
	template, environment := made("runbook", "new", "first"), made("environment", "new", "acme")
	editor := StartEditor(t, folder)

	for path, text := range map[string]string{"runbooks/first.yaml": template, "environments/acme.yaml": environment} {
		editor.Open(filepath.Join(folder, path), text)
		require.Empty(t, editor.Marked(filepath.Join(folder, path)))
	}

	head, _, _ := strings.Cut(template, "steps:\n")
	d := &draft{t: t, editor: editor, folder: folder, head: head}

	var actions []string
	for _, s := range registry.Builtin().Specs() {
		actions = append(actions, s.Name)
	}
	require.Subset(t, d.offered("  - uses: |"), actions)
	for _, s := range registry.Builtin().Specs() {
		var inputs []string
		for _, f := range s.Inputs {
			inputs = append(inputs, f.Name)
		}
		// One more choice writes all that the action needs at once.
		all := "inputs of " + s.Name
		offered := slices.DeleteFunc(d.offered("  - uses: "+s.Name+"\n    with:\n      |"), func(label string) bool { return label == all })
		require.ElementsMatch(t, inputs, offered, s.Name)
	}

	steps := d.offered("  - id: first\n    |")
	require.Subset(t, steps, []string{"uses", "manual", "approve", "foreach", "when", "title"})
	manual := d.offered("  - manual: Call.\n    |")
	require.Contains(t, manual, "evidence")
	require.NotContains(t, manual, "retry")
	require.Equal(t, []string{"stop", "continue", "rollback"}, intersection([]string{"stop", "continue", "rollback"}, d.offered("  - manual: Call.\n    on_failure: |")))
	require.Contains(t, d.offered("  - uses: email.suspend\n    target: mail\n    retry:\n      |"), "max_delay")

	// A file without that line is found by the settings.
	_, bare, _ := strings.Cut(head, "\n")
	unled := &draft{t: t, editor: editor, folder: folder, head: bare, n: 1000}
	require.Subset(t, unled.offered("  - uses: |"), actions)

	require.Contains(t, d.explained("  - uses: email.|suspend\n    target: mail"), "Stop a mail system from accepting mail; nothing is lost")
	require.Contains(t, d.explained("  - uses: email.suspend\n    target: mail\n    wi|th: {notice: Closed.}"), "email.suspend")
	require.Contains(t, d.explained("  - uses: email.suspend\n    target: mail\n    with: {not|ice: Closed.}"), "What senders' systems are told")
	require.Contains(t, d.explained("  - manual: Call.\n    time|out: 2m"), "The longest an attempt of an action may take")

	require.Regexp(t, "notcie", d.marked("  - uses: email.suspend\n    target: mail\n    with: {notcie: Closed.}"))
	require.Regexp(t, "retry", d.marked("  - manual: Call.\n    retry: {attempts: 3}"))
	require.Regexp(t, "target", d.marked("  - uses: email.suspend"))
	require.Regexp(t, "does nothing", d.marked("  - title: Nothing"))
	require.Empty(t, d.marked("  - uses: email.suspend\n    target: mail\n    with: {notice: '${{ inputs.incident }}'}"))
}

// draft is a runbook that somebody is writing: each time a new file, whose
// steps have a | where the cursor stands.
type draft struct {
	t            *testing.T
	editor       *Editor
	folder, head string
	n            int
}

func (d *draft) open(steps string) (path string, line, character int) {
	before, after, _ := strings.Cut(d.head+"steps:\n"+steps, "|")
	if !strings.Contains(steps, "|") {
		before, after = d.head+"steps:\n"+steps, ""
	}
	d.n++
	path = filepath.Join(d.folder, "runbooks", fmt.Sprintf("draft-%d.yaml", d.n))
	d.editor.Open(path, before+after+"\n")
	return path, strings.Count(before, "\n"), len(before) - strings.LastIndex(before, "\n") - 1
}

// offered returns what can be written at the cursor.
func (d *draft) offered(steps string) []string {
	path, line, character := d.open(steps)
	var labels []string
	for _, c := range d.editor.Complete(path, line, character) {
		labels = append(labels, c.Label)
	}
	return labels
}

func (d *draft) explained(steps string) string {
	path, line, character := d.open(steps)
	return d.editor.Hover(path, line, character)
}

func (d *draft) marked(steps string) string {
	path, _, _ := d.open(steps)
	var all []string
	for _, f := range d.editor.Marked(path) {
		all = append(all, f.Message)
	}
	return strings.Join(all, "\n")
}

func intersection(wanted, given []string) []string {
	return slices.DeleteFunc(wanted, func(w string) bool { return !slices.Contains(given, w) })
}
