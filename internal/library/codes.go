package library

import (
	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/convert"
	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/runbooktest"
	"github.com/irctl/irctl/internal/scenario"
)

var (
	fileCodes     = finding.Unshown("it is about the file and not about what stands in it")
	playbookCodes = finding.Unshown("a whole playbook is too long for an example")
)

// Codes returns what every diagnostic's code means, sorted.
func Codes() []*finding.Code {
	return finding.Codes(fileCodes, playbookCodes, language.Codes(), check.Codes(), compile.Codes(), environment.Codes(),
		fitting.Codes(), runbooktest.Codes(), scenario.Codes(), cacao.Codes(), convert.Codes())
}

var unreadable = fileCodes.Error("IR0100", "file that cannot be read",
	"The path leads to nothing, or to something that this user may not read. Every other file was checked.")
