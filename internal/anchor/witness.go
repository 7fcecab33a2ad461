package anchor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/journal"
)

// Witness is who cosigns what it has seen to be consistent (C2SP tlog-witness).
type Witness struct {
	URL string // its submission prefix
	Key Key
}

// Cosign adds a checkpoint of a run to the log of the home and has the witness
// cosign that. It returns a proof that leads from the run's checkpoint to the
// witness's signature.
func (w Witness) Cosign(ctx context.Context, c *httpclient.Client, l *Log, run []byte) ([]byte, error) {
	index, v, err := l.Add(run)
	if err != nil {
		return nil, fmt.Errorf("cannot write the log of this home: %w", err)
	}
	// What the witness saw last it says itself: a record of it here might be lost.
	old := int64(0)
	for range 3 {
		lines, seen, err := w.submit(ctx, c, v, old)
		if err != nil {
			return nil, err
		}
		if lines == nil {
			// It may have seen more than this view: another process was quicker.
			if old = seen; old > v.size {
				if _, v, err = l.Add(nil); err != nil {
					return nil, fmt.Errorf("cannot read the log of this home: %w", err)
				}
			}
			if old > v.size {
				return nil, fmt.Errorf("the witness has seen this log with %d entries, and it has %d: the log was cut off, or is a copy", old, v.size)
			}
			continue
		}
		return w.proof(v, index, lines)
	}
	return nil, errors.New("the witness saw the log change three times in between")
}

// submit sends the view; seen is what the witness has seen if that is not old.
func (w Witness) submit(ctx context.Context, c *httpclient.Client, v *view, old int64) (lines []byte, seen int64, err error) {
	body := fmt.Appendf(nil, "old %d\n", old)
	if 0 < old && old < v.size {
		proof, err := tlog.ProveTree(v.size, old, v)
		if err != nil {
			return nil, 0, err
		}
		for _, h := range proof {
			body = fmt.Appendln(body, h.String())
		}
	}
	body = append(append(body, '\n'), v.signed...)
	r, err := c.Do(ctx, httpclient.Request{Method: http.MethodPost, URL: strings.TrimSuffix(w.URL, "/") + "/add-checkpoint", Body: body, ContentType: "text/plain; charset=utf-8"})
	switch {
	case err != nil:
		return nil, 0, err
	case r.Status == http.StatusConflict && r.Header.Get("Content-Type") == "text/x.tlog.size":
		seen, err := strconv.ParseInt(strings.TrimSuffix(string(r.Body), "\n"), 10, 64)
		if err != nil || seen == old || seen < 0 {
			return nil, 0, fmt.Errorf("the witness answered %.20q where the size of the log was to be", r.Body)
		}
		return nil, seen, nil
	case r.Status == http.StatusNotFound:
		return nil, 0, errors.New("the witness does not know the log of this home: give whoever runs it the key that `irctl audit anchor` shows")
	case r.Status == http.StatusUnprocessableEntity, r.Status == http.StatusConflict:
		return nil, 0, errors.New("the witness has seen another log than this one under its name")
	case !r.Success():
		return nil, 0, r.Unexpected()
	}
	return r.Body, 0, nil
}

// proof puts the witness's signature and the way to it into a proof.
func (w Witness) proof(v *view, index int64, lines []byte) ([]byte, error) {
	signed := append(bytes.Clone(v.signed), lines...)
	n, err := note.Open(signed, note.VerifierList(w.Key))
	if err != nil {
		return nil, fmt.Errorf("what the witness answered is not its signature of what it was sent: %w", err)
	}
	log, err := note.Open(v.signed, note.VerifierList())
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &unverified) {
		log = unverified.Note
	}
	if log == nil {
		return nil, err
	}
	whole, err := note.Sign(&note.Note{Text: n.Text, UnverifiedSigs: append(log.UnverifiedSigs, n.Sigs...)})
	if err != nil {
		return nil, err
	}
	path, err := tlog.ProveRecord(v.size, index, v)
	if err != nil {
		return nil, err
	}
	return []byte((&journal.Proof{Seq: index + 1, Path: path, Signed: string(whole)}).String()), nil
}

// CheckProof tells what open, such as [Policy.Open], accepts of a proof that a
// leaf is in a log.
func CheckProof(proof, leaf []byte, open func(signed []byte) (Seen, error)) (Seen, error) {
	p, err := journal.ReadProof(string(proof))
	if err != nil {
		return Seen{}, err
	}
	seen, err := open([]byte(p.Signed))
	if err != nil {
		return seen, err
	}
	if err := tlog.CheckRecord(p.Path, seen.tree.Size, seen.tree.Root, p.Seq-1, tlog.RecordHash(leaf)); err != nil {
		return seen, fmt.Errorf("the proof does not lead to the log's root: %w", err)
	}
	return seen, nil
}
