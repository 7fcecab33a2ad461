package view

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/projection"
)

// drawn is the graph of the fixture's runbook, each text of it followed by
// another one.
func drawn(t testing.TB, format GraphFormat, more string) string {
	t.Helper()
	var out bytes.Buffer
	p := New(Options{Out: &out, Err: &out})
	g := projection.GraphOf(paperPlan(func(s string) string { return s + more }), Work, BlockLabel)
	require.NoError(t, p.Graph(g, format))
	return out.String()
}

// The lines that a graph may have. A text is a quoted piece without anything
// that could end it.
var (
	mermaidLine = regexp.MustCompile(`^(flowchart TD` +
		`| +subgraph in_n\d+ \["T"\]| +n\d+(\{"T"\}|\["T"\]|\(\["T"\]\)|\(\("T"\)\)|\[/"T"/\])` +
		`| +end|  n\d+ (-->|-\.->)(\|"T"\|)? (n\d+|finish)|  finish\(\["T"\]\))$`)
	mermaidQuoted = regexp.MustCompile(`"(?:[A-Za-z0-9 .,_/:-]|#\d+;|<br/>)*"`)
	dotLine       = regexp.MustCompile(`^(digraph runbook \{|\}| +\}|  compound=true;|  node \[shape=box, style=rounded\];| +label=T;` +
		`| +subgraph cluster_n\d+ \{| +(n\d+|finish) \[label=T(, shape=[a-z]+)?(, style=T)?\];|  n\d+ -> (n\d+|finish) \[label=T(, style=dashed)?\];)$`)
	dotQuoted = regexp.MustCompile(`"(?:[^"\\]|\\["\\n])*"`)
)

func requireMermaid(t testing.TB, text string) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		require.Regexp(t, mermaidLine, mermaidQuoted.ReplaceAllString(line, `"T"`), line)
	}
	require.Equal(t, strings.Count(text, "subgraph"), strings.Count(text, "\n    end")+strings.Count(text, "\n  end"))
}

func requireDOT(t testing.TB, text string) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		require.Regexp(t, dotLine, dotQuoted.ReplaceAllString(line, `T`), line)
	}
}

func TestGraphs(t *testing.T) {
	mermaid, dot := drawn(t, GraphMermaid, ""), drawn(t, GraphDOT, "")
	requireMermaid(t, mermaid)
	requireDOT(t, dot)
	for _, line := range []string{
		`  n0[/"authorise"/]`,
		`  subgraph in_n1 ["Was data taken?<br/>look whether steps.scan.outputs.found"]`,
		`  n1 -->|"if so"| n2`,
		`  n1 -->|"otherwise"| n3`,
		`  n4 -.->|"if it fails"| n0`,
		`  n5 -->|"again"| n4`,
		`  n5 -.->|"if it fails, undo the run"| finish`,
		`  n6 -.->|"ends failed"| finish`,
	} {
		require.Contains(t, mermaid, strings.ReplaceAll(line, "?", "#63;")+"\n")
	}
	require.Contains(t, dot, `  n4 -> n0 [label="if it fails", style=dashed];`)
	require.Contains(t, dot, `subgraph cluster_n1 {`)
}

func TestGraphsOfAnotherFormat(t *testing.T) {
	err := New(Options{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}).Graph(projection.Graph{}, "svg")
	require.ErrorIs(t, err, ErrGraphFormat)
}

// TestTextsStayInsideTheirQuotes: whatever a runbook says, a graph has the
// lines that it has without.
func TestTextsStayInsideTheirQuotes(t *testing.T) {
	for _, more := range []string{
		`"]; end`, "\n  n0 --> n6\n", `\`, `\"`, `"; } digraph x { a -> b`, "`", "<script>", "#quot;", "#34;", "end", "%%", "|x|", "\u2028x", "\x1b[31m",
		"click n0 \"javascript:alert(1)\"", strings.Repeat("a\\", 60), `\N`, `\l`, "]]>", "é漢", "${{ x }}",
	} {
		requireMermaid(t, drawn(t, GraphMermaid, more))
		requireDOT(t, drawn(t, GraphDOT, more))
		require.Equal(t, strings.Count(drawn(t, GraphMermaid, ""), "\n"), strings.Count(drawn(t, GraphMermaid, more), "\n"), more)
		require.Equal(t, strings.Count(drawn(t, GraphDOT, ""), "\n"), strings.Count(drawn(t, GraphDOT, more), "\n"), more)
	}
}

func FuzzGraph(f *testing.F) {
	f.Add(`"]; end`)
	f.Fuzz(func(t *testing.T, more string) {
		requireMermaid(t, drawn(t, GraphMermaid, more))
		requireDOT(t, drawn(t, GraphDOT, more))
	})
}
