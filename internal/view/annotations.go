package view

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/pkg/action"
	"github.com/irctl/irctl/pkg/runbook"
)

// annotations are findings as workflow commands of GitHub Actions, one to a
// line: ::error file=F,line=L,endLine=L,col=C,endColumn=C,title=T::TEXT.
// GitHub shows at most ten of each level for a step.
func annotations(ds runbook.Diagnostics, codes []*finding.Code) string {
	titles := map[string]string{}
	for _, c := range codes {
		titles[c.ID] = c.Title
	}
	var b strings.Builder
	for _, d := range ds {
		properties := []string{"file=" + commandProperty(d.Span.File)}
		if s := d.Span; s.Start.Line > 0 {
			properties = append(properties, "line="+strconv.Itoa(s.Start.Line), "endLine="+strconv.Itoa(max(s.End.Line, s.Start.Line)))
			if s.End.Line <= s.Start.Line { // GitHub takes columns for a single line only
				properties = append(properties, "col="+strconv.Itoa(s.Start.Column), "endColumn="+strconv.Itoa(max(s.End.Column, s.Start.Column)))
			}
		}
		properties = append(properties, "title="+commandProperty(d.Code+" "+titles[d.Code]))
		fmt.Fprintf(&b, "::%s %s::%s\n", sarifLevel(d.Severity), strings.Join(properties, ","), commandData(plainText(d)))
	}
	return b.String()
}

// A workflow command ends with its line; its properties end with "::" and are
// separated by commas. The escapes are those of GitHub's toolkit
// (@actions/core, command.ts), which the runner undoes.
var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func commandData(s string) string { return dataEscapes.Replace(action.Clean(s)) }

func commandProperty(s string) string { return propertyEscapes.Replace(action.Clean(s)) }
