package runbooks_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/runbook"
	"github.com/irctl/irctl/runbooks"
)

func deps(t *testing.T) check.Deps {
	actions := registry.Builtin()
	return check.Deps{
		Spec: actions.Spec, Names: actions.Names, Inspects: actions.Inspects,
		Callee: func(name, _ string) (*runbook.Runbook, error) { return parse(t, name), nil },
	}
}

// parse reads a shipped runbook. It must not even give a warning.
func parse(t *testing.T, name string) *runbook.Runbook {
	t.Helper()
	src, ok := runbooks.Source(name)
	require.True(t, ok, name)
	rb, found := language.Parse(name+".yaml", src)
	silent(t, found, name, src)
	return rb
}

func silent(t *testing.T, found runbook.Diagnostics, name string, src []byte) {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, found.Render(&text, map[string][]byte{name + ".yaml": src}))
	require.Empty(t, text.String())
}

func TestNames(t *testing.T) {
	require.Equal(t, []string{
		"alternative-payments", "cloud-key-compromise", "containment", "credential-rotation",
		"customer-notice", "drain-balancers", "identity-protection", "phishing", "ransomware", "restore-service",
	}, runbooks.Names())
}

func TestShippedRunbooksAreFaultless(t *testing.T) {
	for _, name := range runbooks.Names() {
		t.Run(name, func(t *testing.T) {
			rb := parse(t, name)
			require.Equal(t, name, rb.Name.Value, "a runbook is found by the name of its file")
			require.NotEmpty(t, rb.Title.Value)
			require.NotEmpty(t, rb.Description.Value)
			require.NotEmpty(t, rb.Owner.Value)
			silent(t, check.Runbook(rb, deps(t)), name, rb.Source)
		})
	}
}

// The ways to pay stand in two runbooks, so that each can be run by itself and
// a dry run of containment knows them.
func TestWaysToPayAreTheSameEverywhere(t *testing.T) {
	ways := func(name string) any {
		for _, in := range parse(t, name).Inputs {
			if in.Name.Value == "ways_to_pay" {
				return in.Default.Data()
			}
		}
		return nil
	}
	require.NotNil(t, ways("alternative-payments"))
	require.Equal(t, ways("alternative-payments"), ways("containment"))
}
