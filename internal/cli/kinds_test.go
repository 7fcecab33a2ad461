package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKindOfAFile(t *testing.T) {
	for source, want := range map[string]string{
		"irctl: v1\nname: x\nsteps: []\n":                                 kindRunbook,
		"# remark\n\"irctl\" : v1\r\nkind: 'environment' # remark\r\n":    kindEnvironment,
		"kind: scenario\nname: x\n":                                       kindScenario,
		"irctl: v1\nkind: test\n\t: [broken":                              kindTest,
		"irctl: v1\nkind: runbok\n":                                       kindRunbook,
		"irctl:\n":                                                        kindRunbook,
		"irctl: v1\nsteps:\n  - manual: |\n      kind: environment\n":     kindRunbook,
		"name: forgotten\nsteps:\n  - manual: x\n":                        kindRunbook,
		"{irctl: v1, kind: environment}":                                  kindEnvironment,
		"{\"irctl\": \"v1\", \"name\": \"x\"}":                            kindRunbook,
		" {\"type\": \"playbook\"}":                                       kindPlaybook,
		"{\"type\": \"playbook\", ":                                       kindPlaybook,
		"{\"type\": \"bundle\", \"objects\": [{\"type\": \"playbook\"}]}": "",
		"{}":                              "",
		"":                                "",
		"\xff\xfe\x00":                    "",
		"apiVersion: v1\nkind: Service\n": "",
		"name: ci\non: push\njobs: {}\n":  "",
		"steps:\n  - script: x\n":         "",
		"[irctl, v1]":                     "",
		"just: a\ntext: irctl\n":          "",
	} {
		require.Equal(t, want, kindOf([]byte(source)), "%q", source)
	}
}
