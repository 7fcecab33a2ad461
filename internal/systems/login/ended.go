package login

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// lookEvery is how often irctl looks whether processes are gone; endTime is
// how long they may take.
const (
	lookEvery = 50 * time.Millisecond
	endTime   = 20 * time.Second
)

// ending has every process ended that find finds, and returns when it finds
// none. A process that was started meanwhile ends too.
func ending(ctx context.Context, h *host.Host, account string, find func(context.Context) ([][]int, error)) (int, error) {
	first, err := find(ctx)
	if err != nil {
		return 0, err
	}
	end := time.Now().Add(endTime)
	for left := first; len(left) > 0; {
		argv := []string{"sh", "-c", killScript, "sh"}
		for _, tree := range left {
			for _, pid := range tree {
				argv = append(argv, strconv.Itoa(pid))
			}
		}
		if _, err := h.Run(ctx, process.Command{Argv: argv, Name: "kill"}, nil); err != nil {
			return 0, err
		}
		if left, err = find(ctx); err != nil {
			return 0, action.Doubtful(err)
		}
		if len(left) == 0 {
			break
		}
		late := time.Now().After(end)
		select {
		case <-ctx.Done():
			late = true
		case <-time.After(lookEvery):
		}
		if late {
			return 0, &action.Error{
				Message: fmt.Sprintf("%s still has %d sessions on %s, which were told to end", action.CleanLine(account, 60), len(left), h),
				Hint:    "act as root, with `via: {sudo: true}`; or see ps there for what starts them",
				Doubt:   true,
			}
		}
	}
	return len(first), nil
}

// killScript ends processes. One that has ended by itself is none of its
// failures; one that may not be ended is found again.
const killScript = `kill -s KILL -- "$@" 2>/dev/null; exit 0`
