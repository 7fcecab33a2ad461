package library

import (
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/runbooktest"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/pkg/runbook"
)

// codeUnreadable is the code of a file that could not be looked at.
const codeUnreadable = "IR0100"

// Codes returns what every diagnostic's code means, sorted.
func Codes() []language.Code {
	all := slices.Concat(fileCodes(), language.Codes(), check.Codes(), compile.Codes(), environment.Codes(), fitting.Codes(), runbooktest.Codes(), scenario.Codes(), cacao.Codes(), playbookCodes())
	slices.SortFunc(all, func(a, b language.Code) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// fileCodes are the codes of findings about files as such.
func fileCodes() []language.Code {
	return []language.Code{
		{ID: codeUnreadable, Severity: runbook.Error, Title: "file that cannot be read", Unshown: "it is about the file and not about what stands in it",
			Explanation: "The path leads to nothing, or to something that this user may not read. Every other file was checked."},
	}
}
