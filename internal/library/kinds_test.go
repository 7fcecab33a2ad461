package library

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKindOfAFile(t *testing.T) {
	for source, want := range map[string]string{
		"irctl: v1\nname: x\nsteps: []\n":                                 KindRunbook,
		"# remark\n\"irctl\" : v1\r\nkind: 'environment' # remark\r\n":    KindEnvironment,
		"kind: scenario\nname: x\n":                                       KindScenario,
		"irctl: v1\nkind: test\n\t: [broken":                              KindTest,
		"irctl: v1\nkind: runbok\n":                                       KindRunbook,
		"irctl:\n":                                                        KindRunbook,
		"irctl: v1\nsteps:\n  - manual: |\n      kind: environment\n":     KindRunbook,
		"name: forgotten\nsteps:\n  - manual: x\n":                        KindRunbook,
		"{irctl: v1, kind: environment}":                                  KindEnvironment,
		"{\"irctl\": \"v1\", \"name\": \"x\"}":                            KindRunbook,
		" {\"type\": \"playbook\"}":                                       KindPlaybook,
		"{\"type\": \"playbook\", ":                                       KindPlaybook,
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
		require.Equal(t, want, KindOf([]byte(source)), "%q", source)
	}
}
