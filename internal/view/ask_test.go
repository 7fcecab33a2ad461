package view

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
)

// asked returns a printer whose person types the text, and what is shown.
func asked(t *testing.T, typed string) (*Printer, *bytes.Buffer) {
	t.Helper()
	in, out, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { _ = in.Close() })
	_, err = out.WriteString(typed)
	require.NoError(t, err)
	require.NoError(t, out.Close())
	var shown bytes.Buffer
	p := New(Options{Err: &shown})
	p.in = in
	return p, &shown
}

// TestMissingInputsAreAskedForOneByOne: with description, form and default, and
// checked at each; what is typed behind the last is left for the next question.
func TestMissingInputsAreAskedForOneByOne(t *testing.T) {
	p, shown := asked(t, "wrong\nINC-1\n\nenv:TOKEN\nyes\n")
	def := plan.Of("fast")
	got, err := p.Fill([]plan.Field{
		{Name: "incident", Type: "string", Required: true, Description: "The ticket."},
		{Name: "mode", Type: "enum", Enum: []string{"fast", "slow"}, Required: true, Default: &def},
		{Name: "token", Type: "string", Required: true, Secret: true},
	}, func(f plan.Field, text string) error {
		if text == "wrong" {
			return errors.New(f.Name + " is not like INC-1")
		}
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"incident": "INC-1", "token": "env:TOKEN"}, got)
	require.Equal(t, "The ticket.\nincident (string): incident is not like INC-1\nincident (string): mode (fast, slow; Enter for fast): token (a secret, as env:NAME or file:PATH): ", shown.String())
	yes, err := p.Confirm("containment would change:", [][2]string{{"email", "email.suspend on mail"}}, "Run it?")
	require.NoError(t, err)
	require.True(t, yes)
	require.Contains(t, shown.String(), "containment would change:\n  email  email.suspend on mail\nRun it? Type yes: ")
}

// TestNobodyApprovesWhatTheyWereNotShown: the question whole, what a yes does,
// and what has ended since it was asked.
func TestNobodyApprovesWhatTheyWereNotShown(t *testing.T) {
	p, shown := asked(t, "yes\n")
	yes, err := p.Approve(projection.Waiting{
		Path: "authorise", For: projection.ForApproval, Roles: []string{"commander"}, Text: "Take email offline?",
		Action: "email.suspend", Target: "mail", Then: []string{"website.suspend on portal"}, Meanwhile: []string{"evidence succeeded"},
	}, "dana (commander)", true)
	require.NoError(t, err)
	require.True(t, yes)
	for _, part := range []string{"authorise: approval by commander", "Take email offline?", "A yes does this: email.suspend on mail", "It lets begin: website.suspend on portal", "Since it was asked: evidence succeeded", "You answer as dana (commander).", "Approve it? Type yes: "} {
		require.Contains(t, shown.String(), part)
	}
}

// TestOnlyAYesIsAYes: not what begins like one, and not the end of the input.
func TestOnlyAYesIsAYes(t *testing.T) {
	for typed, want := range map[string]bool{"yes\n": true, " YES \n": true, "y\n": false, "\n": false, "no\n": false, "": false, "yes": false} {
		p, _ := asked(t, typed)
		yes, err := p.Confirm("x would change:", nil, "Run it?")
		require.NoError(t, err)
		require.Equal(t, want, yes, "%q", typed)
	}
}
