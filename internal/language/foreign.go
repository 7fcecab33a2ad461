package language

import (
	"bytes"
	"slices"

	"github.com/irctl/irctl/internal/pattern"
	"github.com/irctl/irctl/pkg/runbook"
)

var Foreign = codes.Error("IR0125", "a file of another tool",
	"Nothing says that the file is irctl's: it does not begin with `irctl: v1`. What other tools read has other keys, so that nothing more can be said of it.")

type tool struct {
	what string
	keys []string
}

// tools are files of other tools, by the keys that they have at the left edge,
// the surest first. Keys that begin with a dash are those of the entries of a
// list.
var tools = []tool{
	{"a GitHub workflow", []string{"on", "jobs"}},
	{"a GitHub action", []string{"runs", "description"}},
	{"a CloudFormation template", []string{"AWSTemplateFormatVersion"}},
	{"a CloudFormation template", []string{"Resources"}},
	{"a Kubernetes manifest", []string{"apiVersion", "kind"}},
	{"a Helm chart", []string{"apiVersion", "version"}},
	{"an OpenAPI description", []string{"openapi"}},
	{"a Swagger description", []string{"swagger"}},
	{"an AsyncAPI description", []string{"asyncapi"}},
	{"a file of Docker Compose", []string{"services"}},
	{"an Ansible playbook", []string{"-hosts"}},
	{"an Ansible playbook", []string{"-import_playbook"}},
	{"tasks of Ansible", []string{"-name", "-when"}},
	{"a CircleCI configuration", []string{"version", "jobs", "workflows"}},
	{"a Taskfile", []string{"version", "tasks"}},
	{"a Sigma rule", []string{"logsource", "detection"}},
	{"a file of pre-commit", []string{"repos"}},
	{"a Dependabot configuration", []string{"version", "updates"}},
	{"rules of Prometheus", []string{"groups"}},
	{"a configuration of Prometheus", []string{"scrape_configs"}},
	{"an Azure pipeline", []string{"pool"}},
	{"an Azure pipeline", []string{"trigger"}},
	{"a file of GitLab CI", []string{"stages"}},
	{"a file of GitLab CI", []string{"default", "workflow"}},
	{"a file of GitLab CI", []string{"include"}},
	{"a Travis configuration", []string{"language"}},
	{"a golangci-lint configuration", []string{"linters"}},
	{"a file of MkDocs", []string{"site_name"}},
	{"a CACAO playbook", []string{"workflow", "workflow_start"}},
	{"the values of a Helm chart", []string{"image"}},
	{"the values of a Helm chart", []string{"replicaCount"}},
	{"the values of a Helm chart", []string{"global"}},
}

// otherTool is the one finding about a file that is not irctl's, nil if it may be.
// It looks at the text: what other tools write need not be YAML as irctl reads it.
func otherTool(file string, src []byte) *runbook.Diagnostic {
	first := bytes.TrimLeft(src, " \t\r\n")
	if len(first) == 0 || first[0] == '{' || len(src) > maxBytes {
		return nil
	}
	keys, line := leftKeys(src)
	has := func(key string) bool { return slices.Contains(keys, key) }
	if len(keys) == 0 && (first[0] == '!' || listed().Match(src)) { // all of it may be a tag that another tool understands
		keys, line = []string{"-"}, 1
	}
	if len(keys) == 0 || slices.ContainsFunc(keys, isHeader) {
		return nil
	}
	summary := "nothing says that this file is irctl's"
	i := slices.IndexFunc(tools, func(t tool) bool { return !slices.ContainsFunc(t.keys, func(k string) bool { return !has(k) }) })
	switch {
	case i >= 0:
		summary = "this seems to be " + tools[i].what + ", and no file of irctl"
	case (has("steps") || keys[0][0] == '-') && ownSteps().Match(src):
		return nil // whose header was forgotten
	}
	s := newSource(file, src)
	d := Foreign.At(s.lineSpan(line), summary, "a file of irctl begins with `irctl: "+Version+"`")
	return &d
}

// isHeader reports whether a key is the header, or was meant to be it.
func isHeader(key string) bool {
	return key == "irctl" || len(key) > 3 && key[0] == 'i' && Misspelt(runbook.Text{Value: key}, []string{"irctl"}, nil) != nil
}

// ownSteps finds a step of irctl's, in a file whose header was forgotten.
var ownSteps = pattern.Late(`(?m)^[ \t]*(- *\{?|\S.*[{,] *)?(uses|manual|approve|wait|set|foreach|parallel|stop): *\S`)

var leftKey = pattern.Late(`^(- +|-\t)?["']?([A-Za-z_][A-Za-z0-9_.-]*)["']?[ \t]*:([ \t\r\n]|$)`)

// listed finds a list at the left edge.
var listed = pattern.Late(`(?m)^-[ \t\r\n]`)

// leftKeys are the keys at the left edge; those of the entries of a list there
// begin with a dash. A file that begins with the header has no other.
func leftKeys(src []byte) (keys []string, first int) {
	line := 0
	for text := range bytes.Lines(src) {
		if line++; text[0] <= ' ' || text[0] == '#' {
			continue
		}
		m := leftKey().FindSubmatch(text[:min(len(text), 200)])
		if m == nil {
			continue
		}
		key := string(m[2])
		if len(m[1]) > 0 {
			key = "-" + key
		}
		if len(keys) == 0 {
			first = line
		}
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
		if isHeader(key) || len(keys) > 200 {
			break
		}
	}
	return keys, first
}
