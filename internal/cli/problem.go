package cli

import (
	"context"
	"errors"

	"github.com/irctl/irctl/internal/command"
)

// problemOf finds the words and the status for an error by its type, never by
// its text.
func problemOf(err error) *command.Problem {
	var p *command.Problem
	if errors.As(err, &p) {
		return p
	}
	for _, all := range [][]command.Known{libraryProblems, runProblems, storeProblems} {
		if p = command.Among(all, err); p != nil {
			return p
		}
	}
	p = command.Fails(command.ExitFailed, err, "")
	if errors.Is(err, context.Canceled) {
		p.Exit = command.ExitInterrupted
	}
	return p
}

// exitOf is the status with which irctl ends because of an error.
func exitOf(err error) command.Exit {
	var e command.Ended
	switch {
	case err == nil:
		return command.ExitFailed
	case errors.As(err, &e):
		return e.Exit
	}
	p := problemOf(err)
	if p.Exit == command.ExitDone {
		return exitOf(p.Cause)
	}
	return p.Exit
}
