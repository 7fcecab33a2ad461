package environment_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/language/keystest"
	"github.com/irctl/irctl/pkg/runbook"
)

// TestParserAndTableAgree: whatever the table says of a key, the parser does.
func TestParserAndTableAgree(t *testing.T) {
	places := keystest.Places{}
	places.Find("environment", keystest.Place{Table: environment.Table(), Wrap: func(lines []string) string {
		return strings.Join(lines, "\n") + "\n"
	}})
	require.Contains(t, places, "environment/playbooks/trusted/key")
	places.Check(t, func(src []byte) runbook.Diagnostics {
		_, ds := environment.Parse("x.yaml", src)
		return ds
	}, nil)
}

// TestPolicyParserAndTableAgree: an editor marks nothing in a policy that irctl
// takes, and nothing else.
func TestPolicyParserAndTableAgree(t *testing.T) {
	places := keystest.Places{}
	places.Find("policy", keystest.Place{Table: environment.PolicyTable(), Wrap: func(lines []string) string {
		return strings.Join(lines, "\n") + "\n"
	}})
	require.Contains(t, places, "policy/approvals")
	places.Check(t, func(src []byte) runbook.Diagnostics {
		_, ds := environment.ParsePolicy("x.yaml", src)
		return ds
	}, nil)
}
