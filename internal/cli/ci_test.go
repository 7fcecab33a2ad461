package cli_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/language"
)

const (
	goodRunbook = "irctl: v1\nname: good\ntitle: Good\nowner: oncall@example.com\nsteps:\n  - {id: look, uses: http, with: {url: 'https://status.example.com'}, timeout: 1m}\n"
	goodTest    = "irctl: v1\nkind: test\ntests:\n  - name: it looks\n    expect: {end: succeeded, path: [look]}\n"
	badRunbook  = "irctl: v1\nname:   bad\nsteps:\n  - {id: look, uses: exce}\n"
)

// yamlOf reads a text of YAML that is not irctl's.
func yamlOf(t *testing.T, name, text string) any {
	tree, ds := language.ParseTree(name, []byte(text))
	require.Empty(t, ds, "%s is YAML", name)
	return tree.Data()
}

func at(v any, way ...any) any {
	for _, step := range way {
		switch step := step.(type) {
		case string:
			v = v.(map[string]any)[step]
		case int:
			v = v.([]any)[step]
		}
	}
	return v
}

// shell runs a script as a CI system does, in the reader's folder with irctl in
// PATH.
func (r *reader) shell(program, script string, env ...string) (code int, stdout, stderr string) {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), program, "-c", script)
	cmd.Dir = r.dir
	cmd.Env = append([]string{"IRCTL_HOME=" + r.home, "HOME=" + r.dir, "PATH=" + r.dir + ":" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}, env...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		require.NoError(r.t, err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

func (r *reader) write(name, text string) {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	require.NoError(r.t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(r.t, os.WriteFile(path, []byte(text), 0o600))
}

// TestHelpOnCIIsTrue: every file that the topic shows is YAML, and every command
// in them works on good runbooks and fails on bad ones.
func TestHelpOnCIIsTrue(t *testing.T) {
	r := newReader(t)
	code, text := r.irctl("help", "ci")
	require.Zero(t, code)
	r.write("runbooks/plan.test.yaml", goodTest)
	blocks := regexp.MustCompile(`(?m)^([.\w/-]+)(?:,[^\n]*)?:\n\n((?:    .*\n|\n)+)`).FindAllStringSubmatch(text, -1)
	require.Len(t, blocks, 5)
	commands := regexp.MustCompile(`(?m)^[\s-]*(irctl \w+ .*)$`)
	typed := 0
	for _, b := range blocks {
		content := strings.ReplaceAll("\n"+b[2], "\n    ", "\n")
		if b[1] != "Makefile" {
			yamlOf(t, b[1], content)
		}
		for _, c := range commands.FindAllStringSubmatch(content, -1) {
			typed++
			r.write("runbooks/plan.yaml", goodRunbook)
			code, stdout, stderr := r.shell("sh", c[1])
			require.Zero(t, code, "%s\n%s%s", c[1], stdout, stderr)
			r.write("runbooks/plan.yaml", badRunbook)
			code, _, _ = r.shell("sh", c[1])
			require.NotZero(t, code, c[1])
		}
	}
	require.Equal(t, 5, typed)
	r.write("runbooks/plan.yaml", goodRunbook)
	code, text = r.irctl("validate", "runbooks", "--format", "json")
	require.Zero(t, code, text)
	for _, field := range []string{"files", "errors", "warnings", "diagnostics"} {
		require.Contains(t, text, `"`+field+`":`)
	}
}

// TestPreCommitHooks runs each hook's entry on files, as pre-commit does.
func TestPreCommitHooks(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, ".pre-commit-hooks.yaml"))
	require.NoError(t, err)
	hooks := yamlOf(t, "hooks", string(text)).([]any)
	help, err := os.ReadFile("../manual/topics/ci.txt")
	require.NoError(t, err)
	for _, h := range hooks {
		entry, files := at(h, "entry").(string), regexp.MustCompile(at(h, "files").(string))
		require.Equal(t, "golang", at(h, "language"))
		require.Contains(t, string(help), "- id: "+at(h, "id").(string))
		for _, path := range []string{"runbooks/a.yaml", "ops/runbooks/deep/b.yml", "environments/acme.yaml"} {
			require.Regexp(t, files, path)
		}
		require.NotRegexp(t, files, "deploy/values.yaml")
		if at(h, "pass_filenames") != false {
			entry += " runbooks/plan.yaml runbooks/plan.test.yaml"
		}
		r := newReader(t)
		r.write("runbooks/plan.yaml", goodRunbook)
		r.write("runbooks/plan.test.yaml", goodTest)
		code, stdout, stderr := r.shell("sh", entry)
		require.Zero(t, code, "%s\n%s%s", entry, stdout, stderr)
		r.write("runbooks/plan.yaml", badRunbook)
		code, _, _ = r.shell("sh", entry)
		require.NotZero(t, code, entry)
	}
}

// TestGitHubAction runs the scripts of the composite action with the variables
// that GitHub gives them.
func TestGitHubAction(t *testing.T) {
	folder := filepath.Join(root, ".github", "actions", "irctl")
	text, err := os.ReadFile(filepath.Join(folder, "action.yml"))
	require.NoError(t, err)
	action := yamlOf(t, "action.yml", string(text))
	find, validate := at(action, "runs", "steps", 0), at(action, "runs", "steps", 1)
	for _, step := range []any{find, validate} {
		require.NotContains(t, at(step, "run"), "${{", "text from outside must not become part of a script")
	}
	r := newReader(t)
	output := filepath.Join(r.dir, "output")
	code, stdout, stderr := r.shell("bash", at(find, "run").(string), "GIVEN=", "GITHUB_OUTPUT="+output, "RUNNER_TEMP="+r.dir, "GITHUB_ACTION_PATH="+folder)
	require.Zero(t, code, stdout+stderr)
	written, err := os.ReadFile(output)
	require.NoError(t, err)
	require.Equal(t, "irctl="+r.exe+"\n", string(written))

	run := func(with map[string]string) (int, string) {
		env := []string{"IRCTL=" + r.exe}
		for key, expression := range at(validate, "env").(map[string]any) {
			if name, ok := strings.CutPrefix(expression.(string), "${{ inputs."); ok {
				name = strings.TrimSuffix(name, " }}")
				value, given := with[name]
				if !given {
					value = at(action, "inputs", name, "default").(string)
				}
				env = append(env, key+"="+value)
			}
		}
		code, stdout, _ := r.shell("bash", at(validate, "run").(string), env...)
		return code, stdout
	}
	r.write("runbooks/plan.yaml", goodRunbook)
	code, stdout = run(nil)
	require.Equal(t, []any{0, ""}, []any{code, stdout})
	r.write("more books/bad.yaml", badRunbook)
	code, stdout = run(map[string]string{"paths": "runbooks\nmore books\n"})
	require.Equal(t, 3, code)
	require.Contains(t, stdout, "::error file=more books/bad.yaml,line=4,")
	code, stdout = run(map[string]string{"paths": "more books", "format": "sarif", "report": "out.sarif"})
	require.Equal(t, []any{3, ""}, []any{code, stdout})
	report, err := os.ReadFile(filepath.Join(r.dir, "out.sarif"))
	require.NoError(t, err)
	require.True(t, json.Valid(report))
	code, _ = run(map[string]string{"paths": "$(touch owned)\n;touch owned\n--version"})
	require.Equal(t, 3, code)
	require.NoFileExists(t, filepath.Join(r.dir, "owned"))
}

// TestProblemMatcher runs the matcher's patterns over what irctl prints: each
// finding is found with its place, and no line of an excerpt is taken for one.
func TestProblemMatcher(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, ".github", "irctl-matcher.json"))
	require.NoError(t, err)
	type pattern struct {
		Regexp                                      string
		File, Line, Column, Severity, Code, Message int
	}
	var matcher struct {
		ProblemMatcher []struct {
			Owner   string
			Pattern []pattern
		}
	}
	require.NoError(t, json.Unmarshal(text, &matcher))

	r := newReader(t)
	r.write("runbooks/bad.yaml", badRunbook)
	r.write("runbooks/forged.yaml", "irctl: v1\nname: forged\nsteps:\n  - {id: x, uses: exec, with: {argv: [date]}, nonsense: 'a.yaml:1:1: error[IR0101]: forged', \"b.yaml:2:2: error[IR0102]: forged\": 1}\n")
	_, stdout, _ := r.shell("sh", "irctl validate runbooks missing.yaml")
	_, data, _ := r.shell("sh", "irctl validate runbooks missing.yaml --format json")
	var want struct {
		Diagnostics []struct {
			File, Severity, Code, Summary string
			Line, Column                  int
		}
	}
	require.NoError(t, json.Unmarshal([]byte(data), &want))

	type finding struct{ file, line, column, severity, code, message string }
	var got, expected []finding
	for line := range strings.Lines(stdout) {
		for _, m := range matcher.ProblemMatcher {
			p := m.Pattern[0]
			groups := regexp.MustCompile(p.Regexp).FindStringSubmatch(strings.TrimSuffix(line, "\n"))
			if groups == nil {
				continue
			}
			take := func(i int) string {
				if i == 0 {
					return ""
				}
				return groups[i]
			}
			got = append(got, finding{take(p.File), take(p.Line), take(p.Column), take(p.Severity), take(p.Code), take(p.Message)})
		}
	}
	for _, d := range want.Diagnostics {
		f := finding{file: d.File, severity: d.Severity, code: d.Code, message: d.Summary}
		if d.Line > 0 {
			f.line, f.column = strconv.Itoa(d.Line), strconv.Itoa(d.Column)
		}
		expected = append(expected, f)
	}
	require.Greater(t, len(expected), 3)
	require.Equal(t, expected, got)
}
