package view

import (
	"errors"
	"fmt"
	"strings"

	"github.com/irctl/irctl/internal/projection"
)

// GraphFormat is how a graph is written.
type GraphFormat string

// The formats of graphs.
const (
	GraphText    GraphFormat = "text"    // a tree, for people
	GraphMermaid GraphFormat = "mermaid" // a flowchart for Mermaid, in Markdown pages
	GraphDOT     GraphFormat = "dot"     // for Graphviz
)

// ErrGraphFormat is what Graph returns for a format that it does not know.
var ErrGraphFormat = errors.New("the format of a graph is text, mermaid or dot")

// Graph writes which way a run may go. With JSON the graph itself is written,
// whatever the format.
func (p *Printer) Graph(g projection.Graph, format GraphFormat) error {
	if p.format == JSON {
		return p.JSON(g)
	}
	switch format {
	case GraphText:
		pg := p.page(p.out)
		pg.graph(g)
		return p.print(p.out, pg)
	case GraphMermaid:
		return p.Document(mermaid(g))
	case GraphDOT:
		return p.Document(dot(g))
	}
	return ErrGraphFormat
}

// graph adds the steps as a tree: what is inside a step stands below it, and
// every way that does not lead to the step below is said.
func (pg *page) graph(g projection.Graph) {
	pg.heading(g.Title)
	numbers := map[string]string{}
	for _, n := range g.Nodes {
		numbers[n.ID] = n.Name
	}
	says := map[string][]string{}
	for _, e := range g.Edges {
		if e.Plain {
			continue
		}
		to := numbers[e.To]
		if e.To == "" {
			to = "the end"
		}
		says[e.From] = append(says[e.From], e.Label+" -> "+to)
	}
	for _, n := range g.Nodes {
		indent := 2 * min(n.Depth, 8)
		if n.Branch != "" {
			pg.styled(indent, n.Branch+":", faint)
		}
		bullet := pg.theme.mark(mark{"•", "*"}) + " "
		if name := inline(n.Name); n.Does != "" && indent+printed(bullet+name)+2+printed(inline(n.Does)) <= pg.width {
			pg.raw(strings.Repeat(" ", indent) + bullet + pg.theme.paint(strong, name) + "  " + inline(n.Does))
		} else {
			pg.hang(indent, bullet, n.Name, strong)
			pg.para(indent+4, inline(n.Does))
		}
		for _, s := range says[n.ID] {
			pg.styled(indent+4, s, faint)
		}
	}
}

// leave ends the groups that a step of some depth does not stand in, and
// returns how many are open then.
func leave(b *strings.Builder, open, depth int, word string) int {
	for ; open > depth; open-- {
		b.WriteString(strings.Repeat("  ", open) + word + "\n")
	}
	return open
}

// mermaid writes a flowchart. Every text stands in quotes, and every character
// that could end one, or mean something to Mermaid or to HTML, is written by
// its number.
func mermaid(g projection.Graph) string {
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	open := 0
	for _, n := range g.Nodes {
		open = leave(&b, open, n.Depth, "end")
		pad := strings.Repeat("  ", n.Depth+1)
		text := mermaidText(n.Name)
		if n.Does != "" {
			text += "<br/>" + mermaidText(n.Does)
		}
		if n.Inside {
			fmt.Fprintf(&b, "%ssubgraph in_%s [\"%s\"]\n%s  %s{\"%s\"}\n", pad, n.ID, text, pad, n.ID, mermaidText(n.Kind))
			open = n.Depth + 1
			continue
		}
		left, right := mermaidShape(n)
		fmt.Fprintf(&b, "%s%s%s\"%s\"%s\n", pad, n.ID, left, text, right)
	}
	leave(&b, open, 0, "end")
	ended := false
	for _, e := range g.Edges {
		to := e.To
		if to == "" {
			to, ended = "finish", true
		}
		arrow := "-->"
		if e.Failure {
			arrow = "-.->"
		}
		if e.Label != "" {
			arrow += "|\"" + mermaidText(e.Label) + "\"|"
		}
		fmt.Fprintf(&b, "  %s %s %s\n", e.From, arrow, to)
	}
	if ended {
		b.WriteString("  finish([\"the end\"])\n")
	}
	return b.String()
}

func mermaidShape(n projection.GraphNode) (left, right string) {
	switch n.Kind {
	case "manual", "approve":
		return "[/", "/]" // a person
	case "stop":
		return "([", "])"
	case "wait":
		return "((", "))"
	}
	return "[", "]"
}

// mermaidText writes letters, digits, spaces and harmless marks as they are,
// and everything else as an entity (#NUMBER;) of Mermaid's own.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range cutText(s) {
		switch {
		case r == ' ' || r == '.' || r == ',' || r == '-' || r == '_' || r == '/' || r == ':',
			r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}

// dot writes a digraph. A text stands in double quotes, in which only the
// quote and the backslash mean something (the DOT language, "ID").
func dot(g projection.Graph) string {
	var b strings.Builder
	b.WriteString("digraph runbook {\n  compound=true;\n  node [shape=box, style=rounded];\n")
	fmt.Fprintf(&b, "  label=\"%s\";\n", dotText(g.Title))
	open := 0
	for _, n := range g.Nodes {
		open = leave(&b, open, n.Depth, "}")
		pad := strings.Repeat("  ", n.Depth+1)
		text := dotText(n.Name)
		if n.Does != "" {
			text += `\n` + dotText(n.Does)
		}
		if n.Inside {
			fmt.Fprintf(&b, "%ssubgraph cluster_%s {\n%s  label=\"%s\";\n", pad, n.ID, pad, text)
			fmt.Fprintf(&b, "%s  %s [label=\"%s\", shape=diamond, style=\"\"];\n", pad, n.ID, dotText(n.Kind))
			open = n.Depth + 1
			continue
		}
		fmt.Fprintf(&b, "%s%s [label=\"%s\"%s];\n", pad, n.ID, text, dotShape(n))
	}
	leave(&b, open, 0, "}")
	for _, e := range g.Edges {
		to := e.To
		if to == "" {
			to = "finish"
		}
		style := ""
		if e.Failure {
			style = ", style=dashed"
		}
		fmt.Fprintf(&b, "  %s -> %s [label=\"%s\"%s];\n", e.From, to, dotText(e.Label), style)
	}
	b.WriteString("  finish [label=\"the end\", shape=oval];\n}\n")
	return b.String()
}

func dotShape(n projection.GraphNode) string {
	switch n.Kind {
	case "manual", "approve":
		return ", shape=parallelogram, style=\"\"" // a person
	case "stop":
		return ", shape=oval"
	case "wait":
		return ", shape=circle, style=\"\""
	}
	return ""
}

func dotText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(cutText(s))
}

// cutText is a text as a label may hold it: one clean line.
func cutText(s string) string {
	const most = 80
	if r := []rune(inline(s)); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return inline(s)
}
