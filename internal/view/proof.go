package view

import (
	"encoding/json"
	"fmt"

	"github.com/irctl/irctl/pkg/journal"
)

// Proof writes a proof that an entry stands in a journal, and says with what it
// is checked.
func (p *Printer) Proof(proof *journal.Proof) error {
	print := proof.Checkpoint.Fingerprint().String()
	if p.format == JSON {
		return p.JSON(struct {
			Seq         int64  `json:"seq"`
			Proof       string `json:"proof"`
			Key         string `json:"key"`
			Fingerprint string `json:"fingerprint"`
		}{proof.Seq, proof.String(), proof.Key, print})
	}
	if err := p.write(p.out, proof.String()); err != nil {
		return err
	}
	return p.Note(fmt.Sprintf("Keep it as NAME.tlog-proof. It is checked with irctl audit verify NAME.tlog-proof and one of these, noted elsewhere: --pubkey %s, or --from-fingerprint '%s'", proof.Key, print))
}

// Proven writes what a proof proves, to somebody who gave a key or a fingerprint,
// and whether the proof is vouched for by that.
func (p *Printer) Proven(proof *journal.Proof, given, vouched bool) error {
	c := proof.Checkpoint
	if p.format == JSON {
		return p.JSON(struct {
			Origin      string          `json:"origin"`
			Seq         int64           `json:"seq"`
			Proven      bool            `json:"proven"`
			Fingerprint string          `json:"fingerprint"`
			Entry       json.RawMessage `json:"entry"`
		}{c.Origin, proof.Seq, vouched, c.Fingerprint().String(), proof.Line})
	}
	pg := p.page(p.out)
	pg.para(0, fmt.Sprintf("entry %d of %s, by the checkpoint over %s", proof.Seq, c.Origin, counted(c.Size)))
	switch {
	case vouched:
		pg.para(0, "Proven: the entry below stands in the log, in its place, and what you gave vouches for the log.")
	case given:
		pg.para(0, "Not proven: what you gave does not vouch for this checkpoint. It is of another run or time, or was made anew.")
	default:
		pg.para(0, "It is consistent in itself, and no more is shown: anybody can make such a log. Give what was noted elsewhere: --pubkey KEY or --from-fingerprint '#N CODE'.")
	}
	pg.fingerprint(c.Fingerprint().String())
	pg.raw(inline(string(proof.Line)))
	return p.print(p.out, pg)
}
