package exercise

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/irctl/irctl/internal/durable"
)

// Below is the folder of a home in which exercises are kept, one of each scenario.
const Below = "exercises"

// The files of an exercise that people play, in a home of its own.
const (
	aboutFile    = "exercise.json"
	scenarioFile = "scenario.yaml"
	playFile     = "play.jsonl"
	lockFile     = "play.lock"
	// EnvironmentFile is all that can be acted on in it.
	EnvironmentFile = "environment.yaml"
)

// About is what an exercise is. Its JSON is kept; fields are only ever added.
type About struct {
	Name  string    `json:"name"`  // of the scenario
	Title string    `json:"title"` // what people read
	File  string    `json:"file"`  // the scenario's, for its findings
	Start time.Time `json:"start"` // what its clock showed first
	Speed int       `json:"speed"` // seconds of its clock in a real one
	// Environment is the digest of the file of what can be acted on.
	Environment string `json:"environment"`
	Lab         bool   `json:"lab"`   // actions are real and reach the embedded lab alone
	Owner       string `json:"owner"` // of the runbook, who answers for what is to be improved
	Scenario    []byte `json:"-"`
}

// Folder is the home of an exercise. Several processes use it at once, and in
// each several goroutines.
type Folder struct {
	About
	path string
	real func() time.Time

	mu    sync.Mutex
	size  int64 // of what was read
	state state
}

// entry is one line of what happened to an exercise, beside the journals of its
// runs. The clock of the exercise goes by the last one that moved it.
type entry struct {
	Real   time.Time `json:"real"`
	At     time.Time `json:"at"` // of the exercise's clock
	What   string    `json:"what"`
	Inject string    `json:"inject,omitempty"`
	Path   string    `json:"path,omitempty"` // of a step that a fault hit
	Run    string    `json:"run,omitempty"`
	Key    string    `json:"key,omitempty"` // what was changed
}

// What entries say. begun, paused, continued and moved are about the clock.
const (
	begun     = "begun"
	paused    = "paused"
	continued = "continued"
	moved     = "moved"
	came      = "came"
	hit       = "hit"
	died      = "died"
	changed   = "changed"
	putBack   = "put_back"
	doubtful  = "doubtful"
	ended     = "ended"
)

// state is a fold of the entries.
type state struct {
	clock   entry
	run     string
	begun   time.Time // in real time
	thrown  map[string]time.Time
	hits    map[string][]string // the steps that a fault hit, by inject
	died    map[string]bool
	targets map[string]entry // what was changed last, by what
	ended   bool
}

func (s *state) add(e entry) {
	switch e.What {
	case begun, paused, continued, moved:
		if s.clock = e; e.What == begun {
			s.run, s.begun = e.Run, e.Real
		}
	case came:
		s.thrown[e.Inject] = e.At
	case hit:
		s.hits[e.Inject] = append(s.hits[e.Inject], e.Path)
	case died:
		s.died[e.Inject] = true
	case changed, doubtful:
		s.targets[e.Key] = e
	case putBack:
		delete(s.targets, e.Key)
	case ended:
		s.ended = true
	}
}

func newState() state {
	return state{thrown: map[string]time.Time{}, hits: map[string][]string{}, died: map[string]bool{}, targets: map[string]entry{}}
}

// Create makes the home of an exercise below a folder of a scenario's, under the
// next number. environment is the text of what can be acted on in it.
func Create(folder string, a About, environment []byte, now func() time.Time) (*Folder, error) {
	if err := durable.Folder(folder); err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		path := filepath.Join(folder, "live-"+strconv.Itoa(n))
		err := os.Mkdir(path, 0o700)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		about, err := json.MarshalIndent(a, "", "  ")
		if err != nil {
			return nil, err
		}
		// The file that makes it one is the last: a folder without it is none.
		if err := durable.Write(filepath.Join(path, EnvironmentFile), environment, 0o600); err != nil {
			return nil, err
		}
		if err := durable.Write(filepath.Join(path, scenarioFile), a.Scenario, 0o600); err != nil {
			return nil, err
		}
		if err := durable.Write(filepath.Join(path, aboutFile), append(about, '\n'), 0o600); err != nil {
			return nil, err
		}
		return Open(path, now)
	}
}

// Open opens the home of an exercise; nil without an error if the folder is none.
// now is the real clock.
func Open(path string, now func() time.Time) (*Folder, error) {
	text, err := os.ReadFile(filepath.Join(path, aboutFile))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) && shut(path) {
		return nil, nil
	}
	f := &Folder{path: path, real: now, state: newState()}
	if err == nil {
		err = json.Unmarshal(text, &f.About)
	}
	if err == nil {
		f.Scenario, err = os.ReadFile(filepath.Join(path, scenarioFile))
	}
	if err != nil {
		return nil, fmt.Errorf("the exercise in %s cannot be read: %w", path, err)
	}
	return f, nil
}

// shut reports whether nothing in a folder can be read, runs included: what to do
// then is said by whoever opens those.
func shut(path string) bool {
	_, err := os.ReadDir(path)
	return errors.Is(err, fs.ErrPermission)
}

// Path is where it lies.
func (f *Folder) Path() string { return f.path }

// Now is the clock of the exercise.
func (f *Folder) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.read() // then it goes on as it went
	return f.now()
}

func (f *Folder) now() time.Time {
	c := f.state.clock
	switch {
	case c.What == "":
		return f.Start
	case c.What == paused || f.state.ended:
		return c.At
	}
	return c.At.Add(f.real().Sub(c.Real) * time.Duration(max(f.Speed, 1)))
}

// read takes in what was added since. A line that is not whole yet is not there.
func (f *Folder) read() error {
	file, err := os.Open(filepath.Join(f.path, playFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil || info.Size() == f.size {
		return err
	}
	more := make([]byte, info.Size()-f.size)
	if _, err := file.ReadAt(more, f.size); err != nil {
		return err
	}
	more = more[:bytes.LastIndexByte(more, '\n')+1]
	for line := range bytes.Lines(more) {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("%s holds what is no entry: %w", playFile, err)
		}
		f.state.add(e)
	}
	f.size += int64(len(more))
	return nil
}

// update adds the entries that decide makes of the state as it is, durably and
// while no other process adds any.
func (f *Folder) update(decide func(s *state) []entry) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	lock := flock.New(filepath.Join(f.path, lockFile), flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return err
	}
	defer func() { _ = lock.Unlock() }()
	if err := f.read(); err != nil {
		return err
	}
	var text []byte
	for _, e := range decide(&f.state) {
		e.Real = f.real()
		if e.At.IsZero() {
			e.At = f.now()
		}
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		text = append(append(text, line...), '\n')
	}
	if len(text) == 0 {
		return nil
	}
	file, err := os.OpenFile(filepath.Join(f.path, playFile), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if err := file.Truncate(f.size); err != nil { // what was cut off
		return err
	}
	if _, err := file.WriteAt(text, f.size); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return f.read()
}

// Begin starts the clock; run is the one that is judged.
func (f *Folder) Begin(run string) error {
	return f.update(func(*state) []entry { return []entry{{What: begun, At: f.Start, Run: run}} })
}

// Pause stops the clock, and Continue lets it go on.
func (f *Folder) Pause() error {
	return f.update(func(*state) []entry { return []entry{{What: paused}} })
}
func (f *Folder) Continue() error {
	return f.update(func(*state) []entry { return []entry{{What: continued}} })
}

// End ends the exercise; false if it had ended before.
func (f *Folder) End() (mine bool, err error) {
	err = f.update(func(s *state) []entry {
		if mine = !s.ended; !mine {
			return nil
		}
		at := f.now()
		return []entry{{What: paused, At: at}, {What: ended, At: at}}
	})
	return mine, err
}

// ErrBack says that a clock would have to go back.
var ErrBack = errors.New("the clock of an exercise never goes back")

// SkipTo sets the clock on to so long after the start; [ErrBack] if that is over.
func (f *Folder) SkipTo(after time.Duration) error {
	var back error
	err := f.update(func(s *state) []entry {
		to := f.Start.Add(after)
		if !to.After(f.now()) {
			back = ErrBack
			return nil
		}
		out := []entry{{What: moved, At: to}}
		if s.clock.What == paused {
			out = append(out, entry{What: paused, At: to})
		}
		return out
	})
	return cmp.Or(err, back)
}

// Elapsed is how long the exercise has gone on, by its clock.
func (f *Folder) Elapsed() time.Duration { return f.Now().Sub(f.Start) }

// snapshot is the state as it is now, for one that reads it.
func (f *Folder) snapshot() (state, time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.read()
	return f.state.clone(), f.now().Sub(f.Start)
}

// Run is the run that is judged, "" before it began.
func (f *Folder) Run() string { s, _ := f.snapshot(); return s.run }

func (f *Folder) begun() time.Time { s, _ := f.snapshot(); return s.begun }

// Over reports whether the exercise has ended, and Paused whether its clock stands.
func (f *Folder) Over() bool   { s, _ := f.snapshot(); return s.ended }
func (f *Folder) Paused() bool { s, _ := f.snapshot(); return s.clock.What == paused && !s.ended }
