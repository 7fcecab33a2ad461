package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/account"
)

// Request asks the driver of a run to append events on somebody's behalf.
type Request struct {
	// ID is a ULID. Every event carries it, so that a request whose answer
	// was lost in a crash is not carried out twice.
	ID string `json:"id"`
	// Run is the run of which it is asked, so that it cannot be asked of another.
	Run string `json:"run"`
	// Owner is the number of the account whose file the request is, as the kernel
	// says it; "" on Windows. Left is when it was put there.
	Owner string    `json:"-"`
	Left  time.Time `json:"-"`
	// Who asks, as the request says it.
	Who Who `json:"who"`
	// Events are encoded events, in order.
	Events []json.RawMessage `json:"events"`
}

// Who is the person or process that asks.
type Who struct {
	User   string `json:"user"`
	Person string `json:"person,omitempty"`
	Host   string `json:"host,omitempty"`
	PID    int    `json:"pid,omitempty"`
}

// Reply is the driver's answer to a request. If not OK, nothing was recorded,
// Error says why, and Detail may say the same as data of whoever answers.
type Reply struct {
	OK     bool            `json:"ok"`
	Error  string          `json:"error,omitempty"`
	Detail json.RawMessage `json:"detail,omitempty"`
	// Asked says what was asked for, as data of whoever answers: whoever asked may
	// not wait for the answer, and reads it later ([Reader.Replies]).
	Asked json.RawMessage `json:"asked,omitempty"`
}

// Rejected is something in the inbox that is no request. ID is set if a
// sender may be waiting for an answer.
type Rejected struct {
	Name   string
	ID     string
	Reason string
}

const (
	maxRequest  = 1 << 20 // bytes
	maxRequests = 256     // at one look
	jsonSuffix  = ".json"
)

// ErrUndriven says that no process drives the run any more and that the
// request was not answered. It may have been carried out: see [Store.Withdraw].
var ErrUndriven = errors.New("no process drives the run")

// Send puts a request into the inbox of a run. Whoever drives it sees it at
// the next look; if nobody does, whoever drives it next.
func (s *Store) Send(id string, req Request) error {
	if err := s.exists(id); err != nil {
		return err
	}
	if !validID(req.ID) {
		return fmt.Errorf("send to run %s: %q is not the id of a request", id, req.ID)
	}
	req.Run = id
	data, err := json.Marshal(req)
	if err == nil && len(data) > maxRequest {
		err = fmt.Errorf("the request has %d bytes, more than %d", len(data), maxRequest)
	}
	if err == nil {
		err = replaceAs(s.fs, s.request(id, req.ID), data, s.FileMode(), false)
	}
	return cannotSo("send to run "+id, err, "Nothing was recorded.")
}

func (s *Store) request(id, req string) string {
	return filepath.Join(s.Folder(id), inboxName, req+jsonSuffix)
}

// Withdraw takes a request back. It reports whether it was still there: if
// so, it was not carried out, provided that no process drives the run.
func (s *Store) Withdraw(id, req string) (bool, error) {
	if err := s.exists(id); err != nil {
		return false, err
	}
	if !validID(req) {
		return false, nil
	}
	err := s.fs.Remove(s.request(id, req))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, cannot("withdraw a request to run "+id, err)
}

// Await waits for the driver's answer to a request, and takes it. It looks at
// once and at each tick; nil stands for one every [Poll]. It returns
// [ErrUndriven] when nobody is left to answer, and the context's error.
func (s *Store) Await(ctx context.Context, id, req string, tick <-chan time.Time) (Reply, error) {
	if tick == nil {
		ticker := time.NewTicker(Poll)
		defer ticker.Stop()
		tick = ticker.C
	}
	if !validID(req) {
		return Reply{}, fmt.Errorf("%q is not the id of a request", req)
	}
	for {
		// The lock is looked at first: a driver that answered and ended
		// between the two looks has left its answer.
		_, driven, err := s.Driven(id)
		if err != nil {
			return Reply{}, err
		}
		reply, ok, err := s.reply(id, req)
		if ok || err != nil {
			return reply, cannot("read the answer of run "+id, err)
		}
		if !driven {
			return Reply{}, fmt.Errorf("run %s: %w", id, ErrUndriven)
		}
		select {
		case <-ctx.Done():
			return Reply{}, ctx.Err()
		case <-tick:
		}
	}
}

func (s *Store) reply(id, req string) (reply Reply, ok bool, err error) {
	path := filepath.Join(s.Folder(id), repliesName, req+jsonSuffix)
	data, err := read(s.fs, path, maxRequest)
	if errors.Is(err, fs.ErrNotExist) {
		return reply, false, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &reply)
	}
	if err != nil {
		return reply, false, err
	}
	_ = s.fs.Remove(path) // what stays is read by nobody
	return reply, true, nil
}

// Replies returns the answers to requests that nobody took.
func (r *Reader) Replies() []Reply {
	entries, _ := r.fs.ReadDir(filepath.Join(r.dir, repliesName)) // a copy has none
	var out []Reply
	for _, e := range entries {
		data, err := read(r.fs, filepath.Join(r.dir, repliesName, e.Name()), maxRequest)
		var reply Reply
		if !strings.HasPrefix(e.Name(), ".") && err == nil && json.Unmarshal(data, &reply) == nil {
			out = append(out, reply)
		}
	}
	return out
}

// Requests looks into the inbox: at one folder, which is empty as a rule. It
// returns the requests there, oldest first, again at each look until they are
// answered; and, once each, the things that are no requests. These stay where
// they are, untouched.
func (r *Run) Requests() ([]Request, []Rejected, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	requests, rejected, err := requests(r.fs, r.dir, r.id, r.rejected)
	for _, bad := range rejected {
		r.rejected[bad.Name] = true
	}
	return requests, rejected, err
}

// Requests returns what waits in the inbox for whoever drives the run next,
// oldest first.
func (r *Reader) Requests() ([]Request, error) {
	requests, _, err := requests(r.fs, r.dir, r.id, nil)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // a copy has none
	}
	return requests, err
}

func requests(fsys FS, dir, run string, known map[string]bool) (requests []Request, rejected []Rejected, err error) {
	entries, err := fsys.ReadDir(filepath.Join(dir, inboxName))
	if err != nil || len(entries) == 0 {
		return nil, nil, cannot("read the inbox of run "+run, err)
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || known[name] || isDeposit(name) {
			continue // being written, known, or evidence
		}
		if len(requests) == maxRequests {
			break
		}
		req, err := readRequest(fsys, filepath.Join(dir, inboxName), name, run)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			// withdrawn between the two looks
		case err != nil:
			id := strings.TrimSuffix(name, jsonSuffix)
			if !validID(id) {
				id = ""
			}
			rejected = append(rejected, Rejected{name, id, err.Error()})
		default:
			requests = append(requests, req)
		}
	}
	slices.SortStableFunc(requests, func(a, b Request) int { return strings.Compare(a.ID, b.ID) })
	return requests, rejected, nil
}

// readRequest trusts nothing about the file: anyone who may write in the
// folder may have put it there. Who asks is whose file it is.
func readRequest(fsys FS, inbox, name, run string) (Request, error) {
	id, ok := strings.CutSuffix(name, jsonSuffix)
	if !ok || !validID(id) {
		return Request{}, errors.New("its name is not that of a request")
	}
	f, info, err := openLeft(fsys, filepath.Join(inbox, name))
	if err != nil {
		return Request{}, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxRequest+1))
	if err = errors.Join(err, f.Close()); err == nil && len(data) > maxRequest {
		err = fmt.Errorf("it is larger than %d bytes", maxRequest)
	}
	if err != nil {
		return Request{}, err
	}
	var req Request
	if err := json.Unmarshal(data, &req); err != nil {
		return Request{}, fmt.Errorf("it is not JSON of a request: %w", err)
	}
	if req.ID != id || req.Run != run || len(req.Events) == 0 {
		return Request{}, errors.New("it does not hold the request of this run that its name says")
	}
	_, changed := identity(info) // which its owner cannot set
	req.Owner, req.Left = account.Owner(info), changed
	return req, nil
}

// openLeft opens what somebody left in an inbox, if it is a file that nobody but
// its owner made: not reached by a link, of no other name, and writable by no
// other account.
func openLeft(fsys FS, name string) (File, fs.FileInfo, error) {
	f, info, err := openRegular(fsys, name)
	if errors.As(err, new(unfit)) {
		return nil, nil, errors.New("it is not a regular file") // who asked needs no path
	}
	if err != nil {
		return nil, nil, err
	}
	switch {
	case names(info) != 1:
		err = errors.New("it has another name besides (a hard link), so it may have been left for something else")
	case account.OthersMayWrite(info):
		err = fmt.Errorf("other accounts may write it (mode %s), so it may not be what its owner left", info.Mode())
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

// Answer tells the sender of a request what became of it and takes the request
// out of the inbox. It comes after the events are durable. If it fails, the
// request is seen again, and again answered.
func (r *Run) Answer(req string, reply Reply) error {
	if !validID(req) {
		return fmt.Errorf("answer: %q is not the id of a request", req)
	}
	data, err := json.Marshal(reply)
	if err == nil {
		err = replaceAs(r.fs, filepath.Join(r.dir, repliesName, req+jsonSuffix), data, r.mode, false)
	}
	if err == nil {
		err = r.fs.Remove(filepath.Join(r.dir, inboxName, req+jsonSuffix))
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // withdrawn, or answered before
	}
	return cannot("answer a request to run "+r.id, err)
}
