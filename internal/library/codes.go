package library

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/cacao"
	"github.com/irctl/irctl/internal/cacao/convert"
	"github.com/irctl/irctl/internal/check"
	"github.com/irctl/irctl/internal/compile"
	"github.com/irctl/irctl/internal/connector"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/finding"
	"github.com/irctl/irctl/internal/fitting"
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/internal/runbooktest"
	"github.com/irctl/irctl/internal/scenario"
	"github.com/irctl/irctl/internal/suggest"
)

var (
	fileCodes     = finding.Unshown("it is about the file and not about what stands in it")
	playbookCodes = finding.Unshown("a whole playbook is too long for an example")
)

// Codes returns what every diagnostic's code means, sorted.
func Codes() []*finding.Code {
	return finding.Codes(fileCodes, playbookCodes, language.Codes(), check.Codes(), compile.Codes(), environment.Codes(),
		fitting.Codes(), runbooktest.Codes(), scenario.Codes(), connector.Codes(), cacao.Codes(), convert.Codes())
}

// CodesThatBegin checks codes, or their beginnings from the two letters and two
// digits on, and returns them in capitals.
func CodesThatBegin(words []string) ([]string, error) {
	known := each.Of(Codes(), func(c *finding.Code) string { return c.ID })
	var out []string
	for _, w := range words {
		code := strings.ToUpper(strings.TrimSpace(w))
		if len(code) < len("IR01") || !slices.ContainsFunc(known, func(id string) bool { return strings.HasPrefix(id, code) }) {
			return nil, errors.New(suggest.Instead(fmt.Sprintf("%q is no code and no beginning of one", w), suggest.Near(code, known)))
		}
		out = append(out, code)
	}
	return out, nil
}

var unreadable = fileCodes.Error("IR0100", "file that cannot be read",
	"The path leads to nothing, or to something that this user may not read. Every other file was checked.")
