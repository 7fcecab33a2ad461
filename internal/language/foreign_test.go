package language_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/language"
)

// TestFilesOfOtherToolsGetOneFinding: what they seem to be, whatever else would
// be wrong with them.
func TestFilesOfOtherToolsGetOneFinding(t *testing.T) {
	for text, what := range map[string]string{
		"name: ci\non: [push]\njobs:\n  a: {steps: [{uses: x}]}\n":                         "a GitHub workflow",
		"{ 'name': 'ci', 'on': [push], jobs: {} }\n":                                       "",
		"AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  A: {Type: x, B: !Ref C}\n":  "a CloudFormation template",
		"services:\n  web: &web\n    image: nginx\n":                                       "a file of Docker Compose",
		"apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n---\napiVersion: v1\nkind: Pod\n": "a Kubernetes manifest",
		"---\n- hosts: all\n  tasks:\n    - name: x\n      shell: echo {{ y }}\n":          "an Ansible playbook",
		"stages: [build]\nbuild:\n  stage: build\n  script: [make]\n":                      "a file of GitLab CI",
		"openapi: 3.0.0\ninfo: {title: x}\npaths: {}\n":                                    "an OpenAPI description",
		"replicaCount: 1\nimage:\n  repository: nginx\nservice: {type: ClusterIP}\n":       "the values of a Helm chart",
		"a: b\nc: [d\n": "",
	} {
		_, ds := language.Parse("x.yaml", []byte(text))
		require.Len(t, ds, 1, text)
		want := "nothing says that this file is irctl's"
		if what != "" {
			want = "this seems to be " + what + ", and no file of irctl"
		}
		require.Equal(t, want, ds[0].Summary)
	}
}
