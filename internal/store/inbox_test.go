package store_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/account"
	"github.com/irctl/irctl/internal/store"
)

func request(t testing.TB, s *store.Store) store.Request {
	return store.Request{
		ID:     newID(t, s),
		Who:    store.Who{User: "dana", Person: "dana", Host: "desk.example.com", PID: 42},
		Events: []json.RawMessage{[]byte(`{"type":"approval_given","role":"commander"}`)},
	}
}

// asked is what was asked, without what the store says of it.
func asked(t *testing.T, run string, requests []store.Request) []store.Request {
	for i, r := range requests {
		require.Equal(t, run, r.Run)
		require.Equal(t, account.Self(), r.Owner)
		require.WithinDuration(t, time.Now(), r.Left, time.Minute)
		requests[i].Run, requests[i].Owner, requests[i].Left = "", "", time.Time{}
	}
	return requests
}

func TestRequestAndAnswer(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	none, bad, err := run.Requests()
	require.NoError(t, err)
	require.Empty(t, none)
	require.Empty(t, bad)

	first, second := request(t, s), request(t, s)
	require.NoError(t, s.Send(run.ID(), second))
	require.NoError(t, s.Send(run.ID(), first))
	for range 2 { // until it is answered
		got, bad, err := run.Requests()
		require.NoError(t, err)
		require.Empty(t, bad)
		require.Equal(t, []store.Request{first, second}, asked(t, run.ID(), got))
	}
	require.NoError(t, run.Answer(first.ID, store.Reply{OK: true}))
	require.NoError(t, run.Answer(first.ID, store.Reply{OK: true}), "again, after a crash")
	require.NoError(t, run.Answer(second.ID, store.Reply{Error: "the step does not wait for approval"}))
	left, _, err := run.Requests()
	require.NoError(t, err)
	require.Empty(t, left)

	reply, err := s.Await(t.Context(), run.ID(), first.ID, nil)
	require.NoError(t, err)
	require.Equal(t, store.Reply{OK: true}, reply)
	require.NoError(t, run.Close())
	reply, err = s.Await(t.Context(), run.ID(), second.ID, nil)
	require.NoError(t, err, "the answer outlives the driver")
	require.Equal(t, store.Reply{Error: "the step does not wait for approval"}, reply)
}

func TestAwait(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	req := request(t, s)
	require.NoError(t, s.Send(run.ID(), req))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Await(ctx, run.ID(), req.ID, make(chan time.Time))
	require.ErrorIs(t, err, context.Canceled)

	tick := make(chan time.Time)
	replies := make(chan store.Reply)
	go func() {
		reply, err := s.Await(t.Context(), run.ID(), req.ID, tick)
		if err != nil {
			reply.Error = err.Error()
		}
		replies <- reply
	}()
	tick <- time.Time{} // it has looked, and waits
	require.NoError(t, run.Answer(req.ID, store.Reply{OK: true}))
	select {
	case tick <- time.Time{}:
		require.Equal(t, store.Reply{OK: true}, <-replies)
	case reply := <-replies:
		require.Equal(t, store.Reply{OK: true}, reply)
	}

	late := request(t, s)
	require.NoError(t, s.Send(run.ID(), late))
	require.NoError(t, run.Close())
	_, err = s.Await(t.Context(), run.ID(), late.ID, nil)
	require.ErrorIs(t, err, store.ErrUndriven)
	there, err := s.Withdraw(run.ID(), late.ID)
	require.NoError(t, err)
	require.True(t, there)
	there, err = s.Withdraw(run.ID(), late.ID)
	require.NoError(t, err)
	require.False(t, there)
}

func TestGarbageInTheInbox(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	good := request(t, s)
	require.NoError(t, s.Send(run.ID(), good))
	other, err := json.Marshal(request(t, s))
	require.NoError(t, err)

	inbox := func(name string) string { return path(s, run.ID(), "inbox", name) }
	reasons := map[string]string{} // name -> part of the reason
	put := func(name, content, reason string) {
		require.NoError(t, os.WriteFile(inbox(name), []byte(content), 0o600))
		reasons[name] = reason
	}
	put("README", "hello", "name")
	put("../x.json"[3:], "{}", "name")
	put(newID(t, s)+".json", "not JSON", "not JSON")
	put(newID(t, s)+".json", "\x00\xff", "not JSON")
	put(newID(t, s)+".json", "", "not JSON")
	put(newID(t, s)+".json", `[]`, "not JSON")
	put(newID(t, s)+".json", `{"events":[]}`, "does not hold")
	put(newID(t, s)+".json", string(other), "does not hold")
	put(newID(t, s)+".json", strings.Repeat("[", 1<<20), "not JSON")
	put(newID(t, s)+".json", `{"id":"`+strings.Repeat("x", 2<<20)+`"}`, "larger")
	link, folder := newID(t, s)+".json", newID(t, s)+".json"
	require.NoError(t, os.Symlink("/etc/hostname", inbox(link)))
	require.NoError(t, os.Mkdir(inbox(folder), 0o700))
	reasons[link], reasons[folder] = "not a regular file", "not a regular file"
	require.NoError(t, os.WriteFile(inbox(".half"), []byte("{"), 0o600))

	got, bad, err := run.Requests()
	require.NoError(t, err)
	require.Equal(t, []store.Request{good}, asked(t, run.ID(), got))
	require.Len(t, bad, len(reasons))
	for _, r := range bad {
		require.Contains(t, r.Reason, reasons[r.Name], r.Name)
		require.Equal(t, strings.HasPrefix(r.Name, "0"), r.ID != "", r.Name)
	}
	got, bad, err = run.Requests()
	require.NoError(t, err)
	require.Equal(t, []store.Request{good}, asked(t, run.ID(), got))
	require.Empty(t, bad, "reported once")
	require.Error(t, run.Answer("../../x", store.Reply{}))
}

func TestSendRefuses(t *testing.T) {
	s := store.Open(t.TempDir(), nil)
	run := create(t, s)
	req := request(t, s)
	req.Events = []json.RawMessage{[]byte(`"` + strings.Repeat("x", 1<<20) + `"`)}
	require.ErrorContains(t, s.Send(run.ID(), req), "Nothing was recorded.")
	require.Error(t, s.Send(run.ID(), store.Request{ID: "../x"}))
}
