package finding_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/pkg/runbook"
)

func TestFixMakesEditsThatDoNotOverlap(t *testing.T) {
	edit := func(file string, from, to int, text string) runbook.Diagnostic {
		at := runbook.Span{File: file, Start: runbook.Position{Line: 1, Column: from + 1, Offset: from}, End: runbook.Position{Line: 1, Column: to + 1, Offset: to}}
		return runbook.Diagnostic{Summary: text, Fix: &runbook.Edit{Span: at, Text: text}}
	}
	src := []byte("one two three")
	found := runbook.Diagnostics{edit("x", 8, 13, "3"), edit("x", 0, 3, "1"), edit("x", 2, 6, "over"), edit("y", 4, 7, "2"), {Summary: "no fix"}, edit("x", 0, 99, "outside"), edit("x", 0, 3, "again")}
	fixed, done := finding.Fix("x", src, found)
	require.Equal(t, "1 two 3", string(fixed))
	require.Equal(t, runbook.Diagnostics{found[1], found[0]}, done)
	require.Equal(t, "one two three", string(src), "what was given stays as it is")
	fixed, done = finding.Fix("z", src, found)
	require.Equal(t, "one two three", string(fixed))
	require.Empty(t, done)
}
