package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/mailing"
	"github.com/irctl/irctl/pkg/action"
)

// The names under which an attempt records how far it has come. Readers are
// named by their lines in the list. One durable record says what became of one
// message and to whom the next one goes.
const (
	recordDigest = "digest"     // what is sent
	recordCodes  = "codes_from" // the line of the code that the first reader gets
	recordUpTo   = "up_to"      // readers to this line were tried; whoever has no outcome of their own has the message
	recordAt     = "at"         // to whom a message goes now, 0 is nobody
	recordListed = "listed"     // how many stand in the list for post and telephone, once it is kept
	recordLine   = "line "      // and a number: what became of that reader
)

// The outcomes of a reader, and more words behind them.
const (
	outcomeSent    = "sent"
	outcomeRefused = "refused"
	outcomeLater   = "later" // to be tried again
	outcomeUnknown = "unknown"
	outcomeNone    = "no address"
	outcomeOpen    = "not sent"
)

// refusedInARow is after how many refusals on end the server is taken to refuse
// us, and not the readers.
const refusedInARow = 20

// grace is how long the message that is under way may take when time is up.
const grace = 5 * time.Second

// mailout is a notice to all of its readers.
type mailout struct {
	smtp   // its target, its request and its preflight
	notice *mailing.Notice
	upTo   int
	at     int // to whom a message may be under way
	noted  int // at, as it is recorded
	codes  int
	listed bool
	became map[int]string // by line, of those who do not simply have the message
	news   map[string]any // not yet recorded
	refuse []int          // lines, refused on end
}

// Look implements kind.Work.
func (w *mailout) Look(_ context.Context, record action.Values) (s kind.State, err error) {
	if w.notice, err = noticeOf(w.req); err != nil {
		return s, err
	}
	if approved := w.req.With.String("approved"); w.notice.Digest != approved {
		return s, &action.Error{
			Message: "the notice, its list, its values or its codes are not what was approved, so nothing more is sent", Permanent: true,
			Hint: "put the files back as they were, or draft the notice anew and have it approved",
		}
	}
	w.upTo, w.at, w.codes = int(record.Int(recordUpTo)), int(record.Int(recordAt)), int(record.Int(recordCodes))
	w.noted = w.at
	w.became, w.news, w.listed = map[int]string{}, map[string]any{}, record.Has(recordListed)
	for _, r := range w.notice.Readers {
		if what := record.String(recordLine + fmt.Sprint(r.Line)); what != "" {
			w.became[r.Line] = what
		}
	}
	n := w.count()
	s = kind.State{
		Want: fmt.Sprintf("%d readers have the notice", w.notice.Mailed()), Current: w.said(), Summary: w.said(),
		Desired: n[outcomeOpen]+n[outcomeLater] == 0 && w.at == 0 && w.listed,
		Outputs: map[string]any{
			"sent": n[outcomeSent], "refused": n[outcomeRefused], "unknown": n[outcomeUnknown],
			"out_of_band": n[outcomeRefused] + n[outcomeUnknown] + n[outcomeNone],
		},
	}
	s.Already = s.Summary
	return s, nil
}

// outcome is what became of a reader, in one of the words above and more.
func (w *mailout) outcome(r mailing.Reader) string {
	switch what, known := w.became[r.Line]; {
	case r.Address == "":
		return outcomeNone
	case known:
		return what
	case r.Line <= w.upTo:
		return outcomeSent
	}
	return outcomeOpen
}

func (w *mailout) count() map[string]int64 {
	n := map[string]int64{}
	for _, r := range w.notice.Readers {
		word, _, _ := strings.Cut(w.outcome(r), ":")
		n[word]++
	}
	return n
}

// said is how far it has come, for people.
func (w *mailout) said() string {
	n := w.count()
	text := fmt.Sprintf("%d of %d readers have the notice", n[outcomeSent], len(w.notice.Readers))
	for _, c := range []struct {
		n    int64
		text string
	}{
		{n[outcomeRefused], "refused by the mail server"}, {n[outcomeUnknown], "unknown, and not written to again"},
		{n[outcomeNone], "without an address"}, {n[outcomeLater], "to be tried again"}, {n[outcomeOpen], "not written to yet"},
	} {
		if c.n > 0 {
			text += fmt.Sprintf(", %d %s", c.n, c.text)
		}
	}
	return text
}

// Change implements kind.Work. Whatever ends it, the list for post and telephone
// is kept.
func (w *mailout) Change(ctx context.Context, record action.Values, out action.Sink) error {
	if !record.Has(recordDigest) {
		w.news[recordDigest] = w.notice.Digest
		if w.notice.Coded() {
			first, err := w.notice.Claim(w.req.Key)
			if err != nil {
				return err
			}
			w.codes, w.news[recordCodes] = first, int64(first)
		}
	}
	err := w.deliver(ctx, out)
	if w.at == 0 && (w.noted != 0 || len(w.news) > 0) {
		err = errors.Join(err, w.note(out, 0))
	}
	text, count := w.notice.OutOfBand(w.codes, func(i int) string {
		if what := w.outcome(w.notice.Readers[i]); what != outcomeSent {
			return what
		}
		return ""
	})
	if count > 0 {
		if _, _, lost := out.Artifact("out-of-band.csv", bytes.NewReader(text)); lost != nil {
			return &action.Error{Message: w.said() + ", and the list of the others could not be kept", Cause: errors.Join(err, lost)}
		}
	}
	if err != nil {
		return err
	}
	return out.Record(map[string]any{recordListed: int64(count)})
}

// note makes durable what is new, and to whom the next message goes.
func (w *mailout) note(out action.Sink, at int) error {
	w.at, w.news[recordAt], w.news[recordUpTo] = at, int64(at), int64(w.upTo)
	if err := out.Record(w.news); err != nil {
		return err
	}
	w.noted, w.news = at, map[string]any{}
	return nil
}

// settle says what became of a reader; it is durable with the next note.
func (w *mailout) settle(r mailing.Reader, what, words string) {
	w.at = 0
	if what != outcomeSent || w.became[r.Line] != "" {
		if words != "" {
			what += ": " + words
		}
		w.became[r.Line], w.news[recordLine+fmt.Sprint(r.Line)] = what, what
	}
	w.upTo = max(w.upTo, r.Line)
	if strings.HasPrefix(what, outcomeRefused) {
		w.refuse = append(w.refuse, r.Line)
	} else if what == outcomeSent {
		w.refuse = nil
	}
}

// deliver sends to all who are left.
func (w *mailout) deliver(ctx context.Context, out action.Sink) error {
	from, err := mailing.Address(w.From)
	if err != nil {
		return err
	}
	for _, r := range w.notice.Readers {
		if r.Line == w.at { // an attempt was cut off there
			w.doubted(ctx, r, from)
		}
	}
	var t *transaction
	defer func() {
		if t != nil {
			t.close()
		}
	}()
	used, batch := 0, int(w.req.With.Int("batch"))
	for i := 0; i < len(w.notice.Readers); i++ {
		r := w.notice.Readers[i]
		if what := w.outcome(r); what != outcomeOpen && !strings.HasPrefix(what, outcomeLater) {
			continue
		}
		if t != nil && used >= batch {
			t.close()
			t, used = nil, 0
			out.Progress(w.said())
			if err := w.rest(ctx, out); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return w.stopped(ctx.Err())
		}
		if t == nil {
			if t, err = w.open(ctx); err != nil {
				return w.stopped(err)
			}
		}
		if err = w.one(ctx, t, from, i, out); err == nil {
			used++
		} else {
			t.close()
			t = nil
			switch {
			case errors.Is(err, errBroken):
			case used > 0 && w.at == 0: // a server may end a connection that has sent much
				i--
			default:
				return w.stopped(err)
			}
			used = 0
		}
		if len(w.refuse) >= refusedInARow {
			return w.refusing()
		}
	}
	n := w.count()
	switch {
	case n[outcomeLater] > 0:
		return &action.Error{Message: w.said(), Hint: "the server asks to try again later; retry, or skip the step and tell them by what out-of-band.csv says"}
	case n[outcomeSent] == 0 && n[outcomeRefused] > 0:
		return w.refusing()
	}
	return nil
}

// rest makes durable that nothing is under way, and waits if the step says so.
func (w *mailout) rest(ctx context.Context, out action.Sink) error {
	d := w.req.With.Duration("pause")
	if d == 0 {
		return nil
	}
	if err := w.note(out, 0); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
	return nil
}

// open connects. What is under way when ctx ends has its grace.
func (w *mailout) open(ctx context.Context) (*transaction, error) {
	t, err := w.converse(context.WithoutCancel(ctx), w.req.Allow)
	if err != nil {
		return nil, err
	}
	t.unsent = ""
	stop := t.stop
	hurry := context.AfterFunc(ctx, func() { _ = t.conn.SetDeadline(time.Now().Add(grace)) })
	t.stop = func() bool { return hurry() && stop() }
	return t, nil
}

// errBroken says that what became of a message is settled, and that the
// connection is of no more use.
var errBroken = errors.New("the connection was lost")

// one sends to the reader at an index. After an error other than errBroken it
// was certainly not sent, unless it could not be written down that it was.
func (w *mailout) one(ctx context.Context, t *transaction, from *mail.Address, i int, out action.Sink) error {
	r := w.notice.Readers[i]
	code := ""
	if w.codes > 0 {
		code = w.notice.Code(w.codes + i).Reveal()
	}
	letter, err := w.notice.Letter(i, code)
	if err != nil {
		return err
	}
	to := []*mail.Address{{Name: r.Name, Address: r.Address}}
	m, err := compose(from, to, messageID(w.req.Key, []string{r.Address}, from.Address), letter.Subject, letter.Body, w.req.With.String("reply_to"))
	if err != nil {
		return err
	}
	_ = t.conn.SetDeadline(time.Now().Add(wholeTime))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	_, refused, err := t.offer(from, to)
	if err != nil {
		return err
	}
	if len(refused) > 0 {
		w.settle(r, lasting(!refused[0].temporary), refused[0].answer)
		return t.reset()
	}
	if err := w.note(out, r.Line); err != nil {
		return err
	}
	err = t.send(m)
	var answer reply
	switch {
	case err == nil:
		w.settle(r, outcomeSent, "")
	case action.IsDoubtful(err):
		w.doubted(ctx, r, from)
		return errBroken
	case errors.As(err, &answer):
		w.settle(r, lasting(answer.code >= 500), answer.text)
	default:
		w.at = 0
		return err
	}
	return nil
}

// lasting is the outcome of a refusal.
func lasting(is bool) string {
	if is {
		return outcomeRefused
	}
	return outcomeLater
}

// doubted settles a message that was handed over, or may have been: the target's
// lookup knows, or nobody.
func (w *mailout) doubted(ctx context.Context, r mailing.Reader, from *mail.Address) {
	arrived, known, err := w.arrived(context.WithoutCancel(ctx), w.req.Allow, idPlaceholder, messageID(w.req.Key, []string{r.Address}, from.Address))
	switch {
	case err != nil:
		w.settle(r, outcomeUnknown, "it was cut off, and the lookup failed: "+action.CleanLine(err.Error(), 200))
	case arrived:
		w.settle(r, outcomeSent, "")
	case known && w.Final:
		w.at = 0
	default:
		w.settle(r, outcomeUnknown, "it was cut off while the message was handed over")
	}
}

// stopped is why the rest was not sent.
func (w *mailout) stopped(err error) error {
	e := &action.Error{Message: w.said() + ", and then it stopped", Hint: "the next attempt goes on behind the last message", Cause: err}
	if why := (*action.Error)(nil); errors.As(err, &why) {
		e.Permanent, e.Hint = why.Permanent, why.Hint+"; "+e.Hint
	}
	return e
}

// refusing is what to say when the server refuses everybody: then they are tried
// again once somebody has found out why.
func (w *mailout) refusing() error {
	var words string
	for _, line := range w.refuse {
		words = strings.TrimPrefix(w.became[line], outcomeRefused+": ")
		w.became[line] = outcomeLater + ": " + words
		w.news[recordLine+fmt.Sprint(line)] = w.became[line]
	}
	w.refuse = nil
	return &action.Error{Message: w.said() + "; the mail server refuses one after the other, the last with " + words, Permanent: true,
		Hint: "find out why it refuses them, then retry: those are tried again"}
}
