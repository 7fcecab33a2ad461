package cacao

import "time"

// Gates says why a playbook must not run at a time: its maker took it back, or
// the time lies outside of those for which it was made. A playbook that was
// revoked has no validity any more.
func Gates(pb *Playbook, now time.Time) []string {
	const form = "2006-01-02 15:04 UTC"
	switch {
	case pb.Revoked:
		return []string{"its maker has revoked it"}
	case pb.ValidFrom.Given() && now.Before(pb.ValidFrom.At):
		return []string{"it is valid from " + pb.ValidFrom.At.Format(form) + " on"}
	case pb.ValidUntil.Given() && !now.Before(pb.ValidUntil.At):
		return []string{"it was valid until " + pb.ValidUntil.At.Format(form)}
	}
	return nil
}
