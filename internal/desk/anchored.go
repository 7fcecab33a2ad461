package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/irctl/irctl/internal/anchor"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/environment"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/internal/store"
	"github.com/irctl/irctl/pkg/journal"
)

// Receipts are what the anchors of a run gave, as they say themselves: nothing is
// checked. Of each anchor the newest counts, and why it gave nothing since.
func (d *Desk) Receipts(r *store.Reader) []anchor.Receipt {
	files, err := r.Receipts()
	if err != nil {
		return nil
	}
	var out []anchor.Receipt
	for _, name := range slices.Sorted(maps.Keys(files)) { // sizes have as many digits
		var one anchor.Receipt
		if json.Unmarshal(files[name], &one) == nil && one.Name() == name {
			out = append(out, one)
		}
	}
	return out
}

// Anchors are the newest that each anchor of a run gave, as the receipts say: that
// costs nothing but reading them.
func (d *Desk) Anchors(r *store.Reader) []projection.Anchor {
	return newest(each.Of(d.Receipts(r), func(r anchor.Receipt) anchor.Standing { return r.Said() }))
}

// newest is the newest that each anchor gave, and why it gave nothing since.
func newest(standings []anchor.Standing) (out []projection.Anchor) {
	for _, s := range standings {
		i := slices.IndexFunc(out, func(a projection.Anchor) bool { return a.Name == s.Anchor })
		if i < 0 {
			i, out = len(out), append(out, projection.Anchor{Name: s.Anchor, Kind: string(s.Kind)})
		}
		now := projection.Time{Time: s.Time}
		switch a := &out[i]; {
		case s.Failed == "" && s.Size >= a.Size:
			at := now
			if !s.At.IsZero() {
				at = projection.Time{Time: s.At}
			}
			*a = projection.Anchor{Name: a.Name, Kind: a.Kind, Size: s.Size, At: at, Proven: s.Proven, By: s.By, Place: s.Place, Failed: a.Failed}
		case s.Failed != "" && now.After(a.At.Time):
			a.Failed = s.Failed
		}
	}
	return out
}

// anchored checks the receipts of a run. What a signature vouches for is held
// against the journal as fingerprints.
func (d *Desk) anchored(r *store.Reader, t anchor.Trust) (a projection.Anchored, held []journal.Fingerprint, wrong []journal.Finding) {
	receipts := d.Receipts(r)
	if len(receipts) == 0 {
		return a, nil, nil
	}
	started, _ := startOf(r)
	t.Named = map[string]anchor.Named{}
	files, err := r.Files()
	if env, _ := environment.Parse(started.EnvSource, files.Environment); err == nil && env != nil {
		for _, one := range env.Anchors {
			var named anchor.Named
			named.Key, _ = anchor.ParseKey(one.Key) // none verifies nothing
			if one, err := env.AnchorHere(one); err == nil {
				named.Roots, _ = anchor.Roots(one.CAFile) // the system's, if the file is not here
			}
			t.Named[one.Name] = named
		}
	}
	var good []anchor.Standing
	for _, one := range receipts {
		s, err := one.Check(t)
		if untrusted := (*anchor.UntrustedError)(nil); errors.As(err, &untrusted) && t.Roots == nil {
			err = nil // nobody here can tell
		}
		if err == nil && s.Log != journal.Origin(started.Run) {
			err = fmt.Errorf("it is of another log, %s", s.Log)
		}
		if err != nil {
			wrong = append(wrong, journal.Finding{Seq: s.Size, Kind: journal.Kind(journal.Altered), Problem: fmt.Sprintf("the receipt of the anchor %s does not hold: %v", one.Anchor, err)})
			continue
		}
		if good = append(good, s); s.Proven {
			held = append(held, journal.Checkpoint{Origin: s.Log, Size: s.Size, Root: s.Root}.Fingerprint())
			if a.Through = max(a.Through, s.Size); s.Given {
				a.ByGiven = max(a.ByGiven, s.Size)
			}
		}
	}
	a.Anchors = newest(good)
	return a, held, wrong
}
