package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"text/template"

	_ "embed"
)

//go:embed environment.yaml.tmpl
var environmentTemplate string

// writeEnvironment writes the environment file that leads irctl to a lab. It
// is the same file as long as the lab stands in the same place.
func writeEnvironment(path, dir string, a Addresses) error {
	t, err := template.New("environment").Funcs(template.FuncMap{
		"in":  func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) },
		"str": quote,
	}).Parse(environmentTemplate)
	if err != nil {
		return fmt.Errorf("write the lab's environment: %w", err)
	}
	var b bytes.Buffer
	err = t.Execute(&b, map[string]any{
		"Company": Company, "At": a, "BaseDN": baseDN, "PolicyDN": policyDN, "AdminDN": adminDN, "Recipient": "erin@" + domain, "Line": customersLine,
	})
	if err != nil {
		return fmt.Errorf("write the lab's environment: %w", err)
	}
	return replaceFile(path, b.Bytes())
}

// quote writes a text as a JSON string, which is a YAML string too.
func quote(s string) (string, error) {
	b, err := json.Marshal(s)
	return string(b), err
}
