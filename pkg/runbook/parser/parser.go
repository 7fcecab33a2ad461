// Package parser reads runbooks.
package parser

import (
	"github.com/irctl/irctl/internal/language"
	"github.com/irctl/irctl/pkg/runbook"
)

// Parse reads a runbook from the bytes of a file, whose name is only for the
// places of what it returns. It reports every problem of the text at once, in
// the order in which they were found, and returns what it could read. The
// runbook is nil if nothing could be, and then one of the findings is an error;
// a runbook that comes with errors is not whole and must not be run.
//
// What names mean and whether expressions have the right types is not looked at:
// `irctl validate` does that. src is kept in the runbook and must not change
// afterwards. Parse reads no other file, and any number of calls may run at
// once; hostile input costs at most about a tenth of a second.
func Parse(file string, src []byte) (*runbook.Runbook, runbook.Diagnostics) {
	return language.Parse(file, src)
}
