package advice

import (
	"context"
	"errors"

	"github.com/irctl/irctl/internal/command"
)

// Of finds the words and the status for an error by its type, never by
// its text.
func Of(err error) *command.Problem {
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

// Exit is the status with which irctl ends because of an error.
func Exit(err error) command.Exit {
	var e command.Ended
	switch {
	case err == nil:
		return command.ExitFailed
	case errors.As(err, &e):
		return e.Exit
	}
	p := Of(err)
	if p.Exit == command.ExitDone {
		return Exit(p.Cause)
	}
	return p.Exit
}
