package view

import (
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/muesli/cancelreader"
	"golang.org/x/term"

	"github.com/irctl/irctl/internal/plan"
	"github.com/irctl/irctl/internal/projection"
	"github.com/irctl/irctl/pkg/event"
)

// FollowOptions say how a run is shown while it goes on.
type FollowOptions struct {
	// Run is the id of the run, for the commands beside what it asks. It may
	// be left out if the run's first event will be observed.
	Run string
	// Plain asks for a line per event although there is a terminal.
	Plain bool
	// Person is who sits at this terminal, "" if the answer must say.
	Person string
	// Answer carries out what a person said on the live screen and returns why
	// it could not, in words for that person. It runs in a goroutine of its
	// own. Nil: nobody is asked, this is only a window on the run.
	Answer func(context.Context, Answer) error
	// Check says why a text is no answer to what a manual step asks for, before the
	// next is asked; nil takes any.
	Check func(f plan.Field, text string) error
	// Decide has the live screen also ask whether a failed step is to be tried
	// again or skipped.
	Decide bool
	// Open opens what an artifact's digest names, for the output of a step.
	Open func(digest string) (io.ReadCloser, error)
	// Interrupt is called for every Ctrl-C: the terminal does not send the
	// signal while the screen is live. It must not block.
	Interrupt func()
}

// Follow shows a run while it goes on: as a live screen on a terminal, as one
// line per event elsewhere, as the journal's own lines in JSON. Tell it every
// event in order, from any goroutine, then Finish or Close it.
type Follow struct {
	p    *Printer
	o    FollowOptions
	run  string
	term *terminal // nil unless the screen is live
}

// Follow begins to show a run.
func (p *Printer) Follow(o FollowOptions) *Follow {
	f := &Follow{p: p, o: o, run: o.Run}
	if p.format == Text && p.out.live && !o.Plain && !p.plainly {
		f.term = p.startLive(o)
	}
	return f
}

// Live reports whether a person sees a screen, so that nothing else needs to
// be said about the events.
func (f *Follow) Live() bool { return f.term != nil }

// Observe shows an event. line is the journal's line of it; status returns the
// run as it stands after it and may be called later, from another goroutine,
// or not at all.
func (f *Follow) Observe(e event.Event, line []byte, status func() projection.Status) error {
	if projection.Reply(f.run, e) != "" {
		f.p.tell(e.Path + " waits for a person")
	}
	switch {
	case f.p.format == JSON:
		return f.p.line(line)
	case f.term != nil:
		f.term.observe(status)
		return nil
	}
	switch b := e.Body.(type) {
	case event.RunStarted:
		f.run = b.Run
	case event.AttemptRecorded, event.CheckpointSigned, event.NoticeStarted:
		return nil // the journal has it; nobody needs to read it here
	}
	text := entryLine(f.p.out.theme, projection.Tell(e))
	if c := projection.Reply(f.run, e); c != "" {
		text += "  " + f.p.out.theme.paint(command, literal(c))
	}
	return f.p.write(f.p.out, text+"\n")
}

// Progress shows what a step says while it runs, where there is a live screen.
func (f *Follow) Progress(path, text string) {
	if f.term != nil {
		f.term.progress(path, text)
	}
}

// Driven shows that a process drives the run from now on, or that none does.
func (f *Follow) Driven(s projection.Status) {
	switch {
	case f.term != nil:
		f.term.observe(func() projection.Status { return s })
	case f.p.format == Text && s.Driven:
		_ = f.p.Note("A process drives the run again.")
	case f.p.format == Text:
		_ = f.p.Note("No process drives the run.")
		_ = f.p.Next(projection.Command("resume", s.Run))
	}
}

// Finish ends the showing. On a terminal the run's last state stays on it;
// elsewhere what waits and what to type next go to standard error.
func (f *Follow) Finish(s projection.Status) error {
	f.Close()
	s.Now = f.p.now()
	stream := f.p.err
	if f.term != nil {
		stream = f.p.out
	}
	pg := f.p.page(stream)
	if f.term != nil {
		_, height := f.p.out.size()
		pg.most = max(height-12, 8)
		pg.status(s, false)
		if strings.Count(pg.b.String(), "\n") >= height { // how it ended has left the screen
			pg.gap()
			symbol, color := pg.theme.status(s.Status)
			pg.raw("run " + inline(s.Run) + "  " + pg.theme.paint(color, symbol+" "+string(s.Status)))
		}
		return f.p.print(stream, pg)
	}
	pg.styled(0, s.NotUndone, bad)
	pg.styled(0, s.Pause.String(), wants)
	if s.Degraded > 0 {
		pg.para(0, string(s.Status)+", "+goneOn(s.Degraded))
	}
	pg.waiting(s, false)
	pg.next(s)
	pg.fingerprint(s.Fingerprint)
	return f.p.print(stream, pg)
}

// Close gives the terminal back and shows nothing more. It may be called twice.
func (f *Follow) Close() {
	if f.term != nil {
		f.term.close()
	}
}

// frameTime is how often the live screen is drawn at most.
const frameTime = 100 * time.Millisecond

// terminal runs the live screen: a goroutine that draws and takes keys.
type terminal struct {
	p      *Printer
	o      FollowOptions
	screen *screen

	mu     sync.Mutex
	status func() projection.Status // nil when drawn already
	said   map[string][]string      // progress since the last frame

	read map[string][]string // artifacts, by digest; the loop's own

	wake chan struct{}
	stop chan struct{}
	done chan struct{}
	once sync.Once
}

func (p *Printer) startLive(o FollowOptions) *terminal {
	t := &terminal{p: p, o: o, read: map[string][]string{}, said: map[string][]string{},
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
	t.screen = &screen{w: p.out.w, size: p.out.size}
	p.mu.Lock()
	p.live = t.screen
	p.mu.Unlock()
	keys, restore := t.keyboard()
	go t.loop(keys, restore)
	return t
}

// keyboard puts the terminal into raw mode and reads it. Without one, the
// channel is nil and nothing is asked.
func (t *terminal) keyboard() (<-chan key, func()) {
	in := t.p.in
	if in == nil {
		return nil, func() {}
	}
	reader, err := cancelreader.NewReader(in)
	if err != nil {
		return nil, func() {}
	}
	was := settings(in)
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		_ = reader.Close()
		return nil, func() {}
	}
	release := guard(in, was)
	keys, ended := make(chan key), make(chan struct{})
	go func() {
		readKeys(reader, keys, t.stop)
		close(ended)
	}()
	return keys, func() {
		if reader.Cancel() {
			<-ended
		}
		_ = reader.Close()
		_ = term.Restore(int(in.Fd()), before)
		release()
	}
}

func (t *terminal) observe(status func() projection.Status) {
	t.mu.Lock()
	t.status = status
	t.mu.Unlock()
	t.nudge()
}

func (t *terminal) progress(path, text string) {
	t.mu.Lock()
	t.said[path] = append(t.said[path], text)
	t.mu.Unlock()
	t.nudge()
}

func (t *terminal) nudge() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *terminal) close() {
	t.once.Do(func() { close(t.stop) })
	<-t.done
}

// reply is what became of an answer.
type reply struct {
	answer Answer
	err    error
}

func (t *terminal) loop(keys <-chan key, restore func()) {
	defer close(t.done)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	m := &live{theme: t.p.out.theme, progress: map[string]string{}, put: map[string]bool{}, heard: map[string][]string{}, output: t.output,
		asks: t.o.Answer != nil && keys != nil, decides: t.o.Decide, person: t.o.Person, check: t.o.Check, keys: keys != nil}
	replies := make(chan reply)
	clock := time.NewTicker(frameTime)
	defer clock.Stop()
	cost := time.Duration(0) // of a frame; a huge run is drawn less often
	var drawn time.Time
	for {
		wait := true
		select {
		case <-t.stop:
			t.leave(restore)
			return
		case k := <-keys:
			wait = false
			if (k.name == keyInterrupt || k.char == 'q' && t.o.Answer == nil) && t.o.Interrupt != nil {
				m.stops++
				t.o.Interrupt()
			} else if a := m.key(k); a != nil {
				go t.answer(ctx, *a, replies)
			}
		case r := <-replies:
			m.sent(r.answer, r.err)
		case <-t.wake:
		case <-clock.C:
		}
		begun := time.Now()
		if wait && begun.Sub(drawn) < max(frameTime/2, 10*cost) {
			continue
		}
		t.draw(m)
		drawn = time.Now()
		cost = drawn.Sub(begun)
	}
}

// output is what was kept of a step, read once.
func (t *terminal) output(st projection.Step) []string {
	var out []string
	for _, a := range st.Kept {
		if _, ok := t.read[a.Digest]; !ok && t.o.Open != nil {
			pg := &page{theme: t.p.out.theme, width: 1 << 10}
			(&Log{p: t.p, o: LogOptions{Step: st.Path, Open: t.o.Open}}).artifact(pg, st.Path, a)
			t.read[a.Digest] = strings.Split(strings.TrimSpace(pg.b.String()), "\n    ")
		}
		out = append(out, t.read[a.Digest]...)
	}
	return out
}

func (t *terminal) answer(ctx context.Context, a Answer, replies chan<- reply) {
	err := t.o.Answer(ctx, a)
	select {
	case replies <- reply{a, err}:
	case <-t.stop:
	}
}

// draw brings the screen up to date.
func (t *terminal) draw(m *live) {
	t.mu.Lock()
	status, said := t.status, t.said
	t.status, t.said = nil, map[string][]string{}
	t.mu.Unlock()
	for path, lines := range said {
		m.hear(path, lines)
	}
	if status != nil {
		m.update(status())
	}
	if m.status.Run == "" {
		return
	}
	width, height := t.p.out.size()
	lines := m.frame(width, height, t.p.now())
	if t.p.out.plain {
		for i := range lines {
			lines[i] = asciiOnly(lines[i])
		}
	}
	t.p.mu.Lock()
	defer t.p.mu.Unlock()
	_ = t.screen.draw(lines) // the terminal is gone: the run goes on
}

// leave takes the drawing off the terminal and gives the terminal back.
func (t *terminal) leave(restore func()) {
	t.p.mu.Lock()
	_ = t.screen.draw(nil)
	t.p.live = nil
	t.p.mu.Unlock()
	restore()
}
