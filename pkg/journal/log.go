package journal

import "errors"

// MaxUnsigned is how many entries stand between two checkpoints at most.
const MaxUnsigned = 64

// Log makes the entries of a journal whose tree is signed: a [Log] holds the end
// of its chain, the tree over its lines, and the ratchet of its keys. It writes
// nothing. Who cannot write what it made must not use it again. It is not safe
// for use from several goroutines.
type Log struct {
	head     Head
	tree     Tree
	ratchet  *Ratchet       // nil: there are no checkpoints
	unsigned int64          // entries since the last checkpoint
	signing  <-chan signing // brings the one that begins the next append, nil if none does
}

// NewLog begins a journal. With a nil ratchet it has no checkpoints; otherwise
// the first entry announces [Ratchet.Keys] as log_keys.
func NewLog(r *Ratchet) *Log { return &Log{head: Genesis(), ratchet: r} }

// Head is the last entry that the log made.
func (l *Log) Head() Head { return l.head }

// Ratchet holds the secret for the next checkpoint, nil if there are none.
func (l *Log) Ratchet() *Ratchet { return l.ratchet }

// Restart has the log go on with another ratchet, from the next entry on, which
// must be one of type log_restarted that announces its keys as log_keys.
func (l *Log) Restart(r *Ratchet) { l.ratchet, l.unsigned = r, 0 }

// Due says when a checkpoint covers what is appended.
type Due int

const (
	// Later is behind [MaxUnsigned] entries at most.
	Later Due = iota
	// Next is at the beginning of the next append, whatever that adds: the
	// checkpoint is signed meanwhile, beside the caller.
	Next
	// Now is behind the entries, in the same append.
	Now
)

// Append makes the lines of entries, newlines included: the checkpoint for which
// the append before had no time, the entries, and a checkpoint behind them if one
// is due now. One stands between them where [MaxUnsigned] would be exceeded.
// checkpoint makes the body of its entry, from any goroutine; nil if there are to
// be none.
func (l *Log) Append(due Due, checkpoint func(signed, next string) ([]byte, error), bodies ...[]byte) (lines [][]byte, err error) {
	cover := func(when bool) {
		if err == nil && when && l.ratchet != nil && checkpoint != nil {
			l.sign(checkpoint)
			lines, err = l.signed(lines)
		}
	}
	lines, err = l.signed(nil)
	for _, body := range bodies {
		if cover(l.unsigned >= MaxUnsigned); err == nil {
			lines, err = l.seal(lines, body)
		}
	}
	cover(l.unsigned >= MaxUnsigned || due == Now && l.unsigned > 0)
	if err == nil && due == Next && l.unsigned > 0 && l.ratchet != nil && checkpoint != nil {
		l.sign(checkpoint)
	}
	return lines, err
}

// signing is the body of a checkpoint's entry.
type signing struct {
	body []byte
	err  error
}

// sign begins to make the checkpoint that covers what there is.
func (l *Log) sign(checkpoint func(signed, next string) ([]byte, error)) {
	covered, made := l.tree.Checkpoint(l.ratchet.origin), make(chan signing, 1)
	go func(r *Ratchet) {
		signed, next, err := r.Sign(covered)
		s := signing{err: err}
		if err == nil {
			s.body, s.err = checkpoint(signed, next)
		}
		made <- s
	}(l.ratchet)
	l.signing = made
}

// signed adds the line of the checkpoint that was begun, if one was.
func (l *Log) signed(lines [][]byte) ([][]byte, error) {
	if l.signing == nil {
		return lines, nil
	}
	made := <-l.signing
	l.signing = nil
	if made.err != nil {
		return nil, made.err
	}
	lines, err := l.seal(lines, made.body)
	l.unsigned = 0
	l.ratchet.Step()
	return lines, err
}

func (l *Log) seal(lines [][]byte, body []byte) ([][]byte, error) {
	line, head, err := Seal(l.head, body)
	if err != nil {
		return nil, err
	}
	l.head = head
	l.tree.Add(line[:len(line)-1])
	l.unsigned++
	return append(lines, line), nil
}

// ErrNoRatchet says that the secret of a log is missing or is not the one whose
// keys its journal announces: nobody can sign for it any more.
var ErrNoRatchet = errors.New("the secret that signs the next checkpoint of this journal is missing, or is another one's")

// ErrAhead says that the secret of a log has signed more checkpoints than its
// journal holds.
var ErrAhead = errors.New("the journal lacks checkpoints that were made: it is an older copy, or its end was cut off")

// Log returns what makes the entries that follow those that were read. It comes
// after [Scanner.Report] of a scanner that [NewAuditor] returned. file is that
// of the ratchet. A crash may have left an older secret there than the journal
// announces: then it is stepped on. The error is [ErrNoRatchet] or [ErrAhead];
// then the log has no ratchet.
func (s *Scanner) Log(file []byte) (*Log, error) {
	g := s.v.log
	l := &Log{head: s.v.report.Head, tree: g.tree.Clone(), unsigned: g.pending}
	if g.keys == nil {
		return l, nil
	}
	r, ok := DecodeRatchet(file, g.seals.Origin)
	switch {
	case !ok:
		return l, ErrNoRatchet
	case r.n > g.signed+1:
		return l, ErrAhead
	}
	for r.n < g.signed+1 {
		r.Step()
	}
	if keys := r.Keys(); keys[0] != g.keys[0] || keys[1] != g.keys[1] {
		return l, ErrNoRatchet
	}
	l.ratchet = r
	return l, nil
}
