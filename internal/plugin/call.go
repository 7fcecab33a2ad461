package plugin

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// The bounds of one call.
const (
	maxLine   = 1 << 20  // bytes of one message
	maxAll    = 64 << 20 // bytes of all messages
	maxQueued = 16       // messages to the plugin that it has not read
	maxRecord = 64       // records, each of which goes into the journal

	helloTime  = 10 * time.Second // until it says hello
	cancelTime = 5 * time.Second  // until it answers a cancel
	endTime    = 2 * time.Second  // from its answer until it has ended
)

// session is one process of a plugin, which is asked one thing.
type session struct {
	name           string
	ask            action.Message
	heard          func(action.Message) (*action.Message, error) // what a record, progress or log leads to
	open           *process.Open
	queue          chan []byte
	limit          time.Duration // in place of the times above, if a test says so
	asked          bool          // the request was sent: what comes is in doubt
	answer         *action.Message
	total, records int
	last           tail // of standard error

	lines       chan []byte   // what it says; closed at its end
	unread      error         // why they are closed
	gone, quiet chan struct{} // it has ended; its standard error has
	exit        error         // how it has ended
}

// call starts a plugin, asks it one thing and returns its answer, and the hash of
// what ran. It refuses what is not trusted, unless e has no hash yet. When it
// returns, nothing of the plugin runs any more.
func (h *Host) call(ctx context.Context, e Entry, ask action.Message, secrets map[string]any, stderr io.Writer, heard func(action.Message) (*action.Message, error)) (_ action.Message, sha256 string, err error) {
	folder, err := os.MkdirTemp("", "irctl-plugin-")
	if err != nil {
		return action.Message{}, "", err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	p, err := open(e.Path, folder)
	if err == nil && e.SHA256 != "" {
		err = e.is(p)
	}
	if err != nil {
		return action.Message{}, "", refused(e, err)
	}
	defer p.close()
	if id, _ := process.Marked(ctx); id == "" {
		marked, done := h.Attempts.Begin(ctx, "plugin:"+rand.Text()+".", nil)
		defer done()
		ctx = marked
	}
	read, err := given(secrets)
	if err != nil {
		return action.Message{}, "", err
	}
	s := &session{name: e.Name(), ask: ask, heard: heard, queue: make(chan []byte, maxQueued), limit: h.limit, lines: make(chan []byte), gone: make(chan struct{}), quiet: make(chan struct{})}
	cmd := process.Command{
		Argv: []string{p.argv}, Name: "the plugin " + e.Name(), Dir: folder, Env: environ(folder), Bare: true,
		Files: append([]*os.File{read}, p.files...),
	}
	s.open, err = cmd.Open(ctx)
	_ = read.Close()
	if err != nil {
		return action.Message{}, "", err
	}
	answer, err := s.run(ctx, h.Irctl, io.MultiWriter(&s.last, stderr))
	return answer, p.sha256, err
}

// refused is the error of a plugin that was not started.
func refused(e Entry, err error) error {
	hint := "look who changed it; if it is as it should be: irctl plugin trust " + e.Name()
	if unsafe := (*UnsafeError)(nil); errors.As(err, &unsafe) {
		hint = "see that it and the folders above belong to you or to root, and that nobody else may write there"
	}
	return &action.Error{Message: err.Error(), Hint: hint, Permanent: true}
}

// given is where a plugin reads the secrets, once.
func given(secrets map[string]any) (*os.File, error) {
	text, err := data.Encode(data.Wire(secrets))
	if err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	go func() { // ends when it is read, or nobody can read it any more
		_, _ = write.Write(text)
		_ = write.Close()
	}()
	return read, nil
}

// environ is all that a plugin has of an environment.
func environ(folder string) map[string]any {
	out := map[string]any{"TMPDIR": folder, "IRCTL_PLUGIN": "1"}
	for _, name := range []string{"PATH", "HOME", "USER", "LOGNAME", "TZ", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES"} {
		if v, ok := os.LookupEnv(name); ok {
			out[name] = v
		}
	}
	return out
}

// run talks to the plugin until it has answered and ended, and ends it otherwise.
func (s *session) run(ctx context.Context, irctl string, stderr io.Writer) (action.Message, error) {
	stop := make(chan struct{})
	defer close(stop)
	go s.read(stop)
	go s.write(stop)
	go func() { _, _ = io.Copy(stderr, s.open.Stderr); close(s.quiet) }()
	go func() { s.exit = s.open.Gone(); close(s.gone) }()
	err := s.send(action.Message{Type: action.TypeHello, Versions: []int{action.Protocol}, Irctl: irctl})
	if err == nil {
		err = s.talk(ctx)
	}
	if err == nil {
		err = s.ended()
	}
	patience := s.within(endTime)
	if err != nil {
		s.open.Kill()
		patience = 0
	}
	<-s.gone
	if left, cannot := s.open.Sweep(patience); cannot != nil {
		err = cannot
	} else if left && err == nil {
		err = s.wrong("left processes running, which were ended")
	}
	s.still()
	s.open.Close()
	<-s.quiet
	if err != nil {
		return action.Message{}, err
	}
	return *s.answer, nil
}

// read brings what the plugin says, line by line.
func (s *session) read(stop <-chan struct{}) {
	defer close(s.lines)
	r := bufio.NewReaderSize(s.open.Stdout, 64<<10)
	for s.unread == nil {
		line, err := readLine(r)
		if s.unread = err; len(line) == 0 {
			continue
		}
		select {
		case s.lines <- line:
		case <-stop:
			return
		}
	}
}

// still waits until standard error is read, for a while: somebody else may hold
// it open.
func (s *session) still() {
	select {
	case <-s.quiet:
	case <-time.After(s.within(endTime)):
	}
}

// talk hears what the plugin says until it says nothing more.
func (s *session) talk(ctx context.Context) error {
	timer := time.NewTimer(s.within(helloTime))
	defer timer.Stop()
	done, gone := ctx.Done(), s.gone
	for {
		select {
		case line, more := <-s.lines:
			if !more && errors.Is(s.unread, errTooLong) {
				return s.wrong(fmt.Sprintf("wrote a line of more than %d KiB", maxLine>>10))
			}
			if !more {
				return nil
			}
			waiting := s.asked
			if err := s.hear(line); err != nil {
				return err
			}
			if s.answer != nil {
				timer.Reset(s.within(endTime))
			} else if s.asked && !waiting {
				timer.Stop()
			}
		case <-gone: // somebody else may hold its standard output open
			gone = nil
			timer.Reset(s.within(endTime) / 4)
		case <-done:
			done = nil
			if s.answer != nil {
				continue
			}
			if !s.asked || s.send(action.Message{Type: action.TypeCancel, ID: s.ask.ID}) != nil {
				return s.cutOff(ctx)
			}
			timer.Reset(s.within(cancelTime))
		case <-timer.C:
			switch {
			case gone == nil:
				return nil
			case s.answer != nil:
				return s.wrong(fmt.Sprintf("did not end within %s after its answer", s.within(endTime)))
			case done == nil:
				return s.cutOff(ctx)
			}
			return s.wrong(fmt.Sprintf("did not say hello within %s", s.within(helloTime)))
		}
	}
}

// hear does what one line says.
func (s *session) hear(line []byte) error {
	if s.total += len(line); s.total > maxAll {
		return s.wrong(fmt.Sprintf("wrote more than %d MiB", maxAll>>20))
	}
	m, err := message(line)
	if err != nil {
		return s.wrong(fmt.Sprintf("wrote a line that is no message: %q", action.CleanLine(string(line), 60)))
	}
	switch {
	case !slices.Contains([]string{action.TypeHello, action.TypeRecord, action.TypeProgress, action.TypeLog, action.TypeAnswer}, m.Type):
		return nil // for another time
	case m.Type == action.TypeHello && (s.asked || m.Version != action.Protocol):
		return s.wrong(fmt.Sprintf("says that it speaks version %d of the protocol, and was asked for %d", m.Version, action.Protocol))
	case m.Type == action.TypeHello:
		// Nobody knows this type. Whoever stumbles over it would stumble over the next release.
		if err := s.send(action.Message{Type: "unknown-" + rand.Text()[:8], Text: "a message of a type that is not known is ignored"}); err != nil {
			return err
		}
		s.asked = true
		return s.send(s.ask)
	case !s.asked:
		return s.wrong("sent " + m.Type + " before hello")
	case m.ID != s.ask.ID:
		return s.wrong(fmt.Sprintf("sent %s for the request %q, and was asked %q", m.Type, action.CleanLine(m.ID, 40), s.ask.ID))
	case s.answer != nil && m.Type == action.TypeAnswer:
		return s.wrong("answered twice")
	case s.answer != nil:
		return s.wrong("sent " + m.Type + " after its answer")
	case m.Type == action.TypeRecord:
		if s.records++; s.records > maxRecord {
			return s.wrong(fmt.Sprintf("wants to record more than %d times", maxRecord))
		}
	case m.Type == action.TypeAnswer:
		s.answer = &m
		close(s.queue) // which closes its input
		_, err = s.heard(m)
		return err
	}
	reply, err := s.heard(m)
	if err == nil && reply != nil {
		return s.send(*reply)
	}
	return err
}

// ended waits for the end of a process that says nothing more.
func (s *session) ended() error {
	select {
	case <-s.gone:
		s.still()
		switch {
		case s.answer == nil && s.exit != nil:
			return s.wrong("ended without an answer: " + s.exit.Error())
		case s.answer == nil:
			return s.wrong("ended without an answer")
		case s.exit != nil:
			return s.wrong("answered, and then ended with an error: " + s.exit.Error())
		}
		return nil
	case <-time.After(s.within(endTime)):
		if s.answer == nil {
			return s.wrong("closed its standard output without an answer")
		}
		return s.wrong(fmt.Sprintf("did not end within %s after its answer", s.within(endTime)))
	}
}

func (s *session) within(d time.Duration) time.Duration { return cmp.Or(s.limit, d) }

// inDoubt reports whether the target may have been changed.
func (s *session) inDoubt() bool {
	return s.asked && (s.ask.Type == action.TypeRun || s.ask.Type == action.TypeUndo)
}

// wrong is the error of a plugin that does not hold the protocol.
func (s *session) wrong(what string) error {
	if words := action.CleanLine(s.last.line(), 200); words != "" {
		what += "; its last words: " + words
	}
	return &action.Error{
		Message: "the plugin " + s.name + " " + what,
		Hint:    "irctl plugin test tries it apart from a run; until it is mended, do the step by hand",
		Doubt:   s.inDoubt(), Permanent: !s.inDoubt(),
	}
}

// cutOff is the error of a plugin that was ended before it had answered.
func (s *session) cutOff(ctx context.Context) error {
	why := "it was told to stop"
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		why = "its time was up"
	}
	return &action.Error{Message: "the plugin " + s.name + " was ended because " + why, Hint: "look at the target: it may have done a part of its work", Doubt: s.inDoubt()}
}

// send queues a message. One that reads nothing does not hold irctl up.
func (s *session) send(m action.Message) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	select {
	case s.queue <- append(b, '\n'):
		return nil
	default:
		return s.wrong("does not read what it is sent")
	}
}

func (s *session) write(stop <-chan struct{}) {
	for {
		select {
		case b, more := <-s.queue:
			if !more {
				_ = s.open.Stdin.Close()
				return
			}
			_, _ = s.open.Stdin.Write(b) // who does not read it does not answer either
		case <-stop:
			return
		}
	}
}
