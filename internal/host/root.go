package host

import (
	"context"
	"fmt"

	"github.com/irctl/irctl/pkg/action"
)

// NeedRoot is an error unless commands run there as root, for a preflight.
// What says what only root may do, such as "change Postfix's settings".
func (h *Host) NeedRoot(ctx context.Context, what string) error {
	id, err := h.Output(ctx, "id", "-u")
	if err != nil || id == "0" {
		return err
	}
	return &action.Error{
		Message:   fmt.Sprintf("only root may %s, and irctl acts as user %s on %s", what, action.CleanLine(id, 20), h),
		Hint:      "write `via: {sudo: true}` in the environment's target, and permit sudo without a password",
		Permanent: true,
	}
}
