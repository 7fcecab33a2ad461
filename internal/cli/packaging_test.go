package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestManualPagesSayWhatHelpSays: .ci/man writes a page for every command and
// topic, and each page holds every line of the help that it is made of.
func TestManualPagesSayWhatHelpSays(t *testing.T) {
	r := newReader(t)
	folder := filepath.Join(r.dir, "man")
	cmd := exec.CommandContext(t.Context(), "sh", filepath.Join(root, ".ci", "man"), r.exe, folder)
	cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=0", "IRCTL_HOME="+r.home)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)

	index, err := os.ReadFile(filepath.Join(folder, "man1", "irctl.1"))
	require.NoError(t, err)
	pages, err := filepath.Glob(filepath.Join(folder, "man[17]", "*"))
	require.NoError(t, err)
	written := map[string]string{}
	for _, page := range pages {
		name := strings.TrimSuffix(filepath.Base(page), filepath.Ext(page))
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(text), ".TH "+strings.ReplaceAll(strings.ToUpper(name), "-", `\-`)+" "), name)
		require.Contains(t, string(text), `"1970-01-01"`)
		if name != "irctl" {
			require.Contains(t, string(index), ".BR "+strings.ReplaceAll(name, "-", `\-`)+" (")
		}
		written[name] = string(text)
	}

	code, listed := r.irctl("__complete", "help", "")
	require.Zero(t, code)
	words := regexp.MustCompile(`(?m)^([a-z-]+)\t`).FindAllStringSubmatch(listed, -1)
	require.Greater(t, len(words), 30)
	for _, asked := range append(words, []string{"", "audit verify"}, []string{"", "runbook export"}) {
		name := "irctl-" + strings.ReplaceAll(asked[1], " ", "-")
		require.Contains(t, written, name)
		plain := strings.NewReplacer(`\-`, "-", `\(aq`, "'", `\(ga`, "`", `\(ti`, "~", `\(ha`, "^", `\&`, "", `\e`, `\`).Replace(written[name])
		_, help := r.irctl(append([]string{"help"}, strings.Fields(asked[1])...)...)
		for line := range strings.Lines(help) {
			title := regexp.MustCompile(`^[A-Z].*:\n$`).MatchString(line)
			if line = strings.TrimSpace(line); !title && line != "" {
				require.Contains(t, plain, line, name)
			}
		}
	}
}

// TestWorkflowRunsWhatEverybodyRuns: CI has no commands of its own.
func TestWorkflowRunsWhatEverybodyRuns(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, ".github", "workflows", "ci.yml"))
	require.NoError(t, err)
	yamlOf(t, "ci.yml", string(text))
	require.Subset(t, targetsOf(t, string(text)), []string{"test", "lint"})
}

// TestRecipesNameWhatThereIs holds the papers for people who work on irctl
// against the repository: the files, the targets of make, the commands.
func TestRecipesNameWhatThereIs(t *testing.T) {
	for _, name := range []string{"CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "CODEOWNERS"} {
		read, err := os.ReadFile(filepath.Join(root, ".github", name))
		require.NoError(t, err)
		text := string(read)
		targetsOf(t, text)
		for _, m := range regexp.MustCompile(`(?m)(?:^|[\x60/ ])((?:cmd|internal|pkg|runbooks|testdata)/[\w/.]*[a-z]/?)(\x60|\s)`).FindAllStringSubmatch(text, -1) {
			_, err := os.Stat(filepath.Join(root, m[1]))
			require.NoError(t, err, "%s names %s", name, m[1])
		}
		for _, m := range regexp.MustCompile("`irctl ([a-z][a-z -]*)").FindAllStringSubmatch(text, -1) {
			words, flag, _ := strings.Cut(strings.TrimPrefix(m[1], "help "), " -")
			code, out := newReader(t).irctl(append([]string{"help"}, strings.Fields(words)...)...)
			require.Zero(t, code, "%s: irctl %s: %s", name, words, out)
			require.Contains(t, out, strings.TrimSpace(flag), "%s: irctl %s", name, m[1])
		}
	}
}

// targetsOf returns the targets of make that a text names, each of which the
// Makefile has.
func targetsOf(t *testing.T, text string) (targets []string) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`(?m)(?:\x60|^|run: )make ([a-z-]+)`).FindAllStringSubmatch(text, -1) {
		require.Contains(t, string(makefile), "\n"+m[1]+":")
		targets = append(targets, m[1])
	}
	return targets
}
