package block

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/pkg/action"
)

// The widest networks that are blocked without being asked for twice.
const (
	widest4 = 8
	widest6 = 16
)

// own is what nobody wants blocked: an address or a name, and whose it is.
type own struct{ what, whose string }

// hits reports whether to block a value would block what is one's own.
func (o own) hits(v value) bool {
	if addr, err := netip.ParseAddr(o.what); err == nil {
		p, ok := v.prefix()
		return ok && p.Contains(addr.Unmap()) || v.form == site && v.name() == o.what
	}
	return v.form == domain && (o.what == v.text || strings.HasSuffix(o.what, "."+v.text))
}

// wide says of a value that it means too many, "" that it does not.
func wide(v value) string {
	p, ok := v.prefix()
	switch {
	case !ok:
		return ""
	case p.Overlaps(netip.MustParsePrefix("127.0.0.0/8")) || p.Contains(netip.IPv6Loopback()):
		return "is this and every other machine's own loopback"
	case p.Addr().IsUnspecified() && p.IsSingleIP():
		return "is no machine's address"
	case p.Addr().Is4() && p.Bits() < widest4 || p.Addr().Is6() && p.Bits() < widest6:
		return "is so wide that it may be everybody"
	}
	return ""
}

// guard is an error for the first value that nobody can have meant to block.
func guard(values []value, ours []own) error {
	for _, v := range values {
		why := wide(v)
		for _, o := range ours {
			if why == "" && o.hits(v) {
				why = "would block " + action.CleanLine(o.what, 80) + ", " + o.whose
			}
		}
		if why != "" {
			return &action.Error{
				Message:   fmt.Sprintf("%s %s, so nothing was blocked", action.CleanLine(v.text, 80), why),
				Hint:      "take it out of the values; if it is meant, `override: true` in the step blocks it all the same",
				Permanent: true,
			}
		}
	}
	return nil
}

// ourselves are the addresses that irctl and its operator come from, and those
// of the machine that is acted on.
func ourselves(ctx context.Context, h *host.Host) ([]own, error) {
	var out []own
	if ends, ok := host.Operator(); ok {
		out = append(out, own{ends.From.Addr().String(), "from which you are signed in here"})
	}
	if h == nil || h.Local() {
		for _, addr := range host.Own() {
			out = append(out, own{addr.String(), "which is this machine's own address"})
		}
		return out, nil
	}
	ends, ok, err := h.Ends(ctx)
	if err != nil || !ok {
		return out, err
	}
	return append(out, own{ends.From.Addr().String(), "from which irctl comes to " + h.String()},
		own{ends.To.Addr().String(), "which is the address of " + h.String() + " itself"}, own{h.String(), "by which irctl reaches the target"}), nil
}
