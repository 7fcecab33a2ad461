package command

import (
	"fmt"
	"slices"
	"strings"
)

// Exit is a status with which irctl ends. Scripts rely on the numbers: one
// never changes its meaning.
type Exit int

// The exit statuses.
const (
	ExitDone        Exit = 0
	ExitFailed      Exit = 1
	ExitPanic       Exit = 2
	ExitInvalid     Exit = 3
	ExitWaiting     Exit = 4
	ExitAltered     Exit = 5
	ExitLocked      Exit = 6
	ExitUnknown     Exit = 7
	ExitCanceled    Exit = 8
	ExitUsage       Exit = 64
	ExitInterrupted Exit = 130
)

// Exits is the one table of exit statuses: help shows it, and the ends of
// commands are checked against it.
var Exits = []struct {
	Code    Exit
	Meaning string
}{
	{ExitDone, "done"},
	{ExitFailed, "the run failed, or the command could not do its work"},
	{ExitPanic, "never on purpose: irctl itself broke"},
	{ExitInvalid, "the runbook, environment or input has errors"},
	{ExitWaiting, "the run waits for a person: approval, manual step, failed step, decision"},
	{ExitAltered, "the journal does not verify"},
	{ExitLocked, "another process drives this run"},
	{ExitUnknown, "an outcome is unknown and needs `irctl resolve`"},
	{ExitCanceled, "the run was canceled or rolled back"},
	{ExitUsage, "wrong usage"},
	{ExitInterrupted, "interrupted; the run can be resumed"},
}

// Meaning returns what the table says about the status.
func (e Exit) Meaning() string {
	for _, row := range Exits {
		if row.Code == e {
			return row.Meaning
		}
	}
	return fmt.Sprintf("not a status of irctl: %d", int(e))
}

// ExitTable renders statuses as lines of help; without any, all of them.
func ExitTable(codes ...Exit) string {
	if len(codes) == 0 {
		for _, row := range Exits {
			codes = append(codes, row.Code)
		}
	}
	slices.Sort(codes)
	var b strings.Builder
	for _, c := range slices.Compact(codes) {
		fmt.Fprintf(&b, "  %-4d %s\n", int(c), c.Meaning())
	}
	return b.String()
}
