package login

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// ends is for how long processes that were told to end may take.
var ends = patience.Limit{For: 20 * time.Second, Every: 50 * time.Millisecond}

// ending has every process ended that find finds, and returns when it finds
// none. A process that was started meanwhile ends too.
func ending(ctx context.Context, h *host.Host, account string, find func(context.Context) ([][]int, error)) (int, error) {
	left, err := find(ctx)
	if err != nil {
		return 0, err
	}
	n := len(left)
	if n == 0 {
		return 0, nil
	}
	return n, ends.Until(ctx, func() error {
		argv := []string{"sh", "-c", killScript, "sh"}
		for _, tree := range left {
			for _, pid := range tree {
				argv = append(argv, strconv.Itoa(pid))
			}
		}
		if _, err := h.Run(ctx, process.Command{Argv: argv, Name: "kill"}, nil); err != nil {
			return patience.Stop(host.Advise(err, asRoot))
		}
		if left, err = find(ctx); err != nil {
			return patience.Stop(action.Doubtful(err))
		}
		if len(left) == 0 {
			return nil
		}
		return &action.Error{
			Message: fmt.Sprintf("%s still has %d sessions on %s, which were told to end", action.CleanLine(account, 60), len(left), h),
			Hint:    "act as root, with `via: {sudo: true}`; or see ps there for what starts them",
			Doubt:   true,
		}
	})
}

// asRoot is what helps where a program refused without a word of use.
const asRoot = "act as root, with `via: {sudo: true}`"

// killScript ends processes. One that has ended by itself is none of its
// failures; one that may not be ended is found again.
const killScript = `kill -s KILL -- "$@" 2>/dev/null; exit 0`
