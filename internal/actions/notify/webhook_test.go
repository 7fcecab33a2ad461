package notify

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

// room is a chat room that keeps what is posted.
type room struct {
	mu     sync.Mutex
	posts  []post
	status int  // of the answer; 0 is 200
	lose   bool // the connection ends before the answer
}

type post struct {
	key, token string
	body       map[string]any
}

func (c *room) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if key, ok := strings.CutPrefix(r.URL.Path, "/keys/"); ok {
		for _, p := range c.posts {
			if p.key == key {
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
		return
	}
	text, _ := io.ReadAll(r.Body)
	p := post{key: r.Header.Get("Idempotency-Key"), token: r.Header.Get("Authorization")}
	_ = json.Unmarshal(text, &p.body)
	if c.status >= 400 {
		w.WriteHeader(c.status)
		return
	}
	c.posts = append(c.posts, p)
	if c.lose {
		panic(http.ErrAbortHandler)
	}
}

func (c *room) request(t *testing.T) action.Request {
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	return action.Request{
		Run: "01JD", Path: "tell", Key: "01JD/tell[a]/x", Attempt: 1,
		With: action.Values{"text": "Closed \"now\"\n<b>", "payload": map[string]any{"channel": "incident", "key": "forged", "text": "forged"}},
		Target: action.Target{Name: "war-room", Type: "webhook", Config: action.Values{
			"secret_url": action.NewSecret(server.URL + "/hooks/canary-path?token=canary-query"), "token": action.NewSecret("canary-token"),
		}},
		Allow: action.Allow{Loopback: true},
	}
}

func TestPost(t *testing.T) {
	c := &room{}
	req := c.request(t)
	r, err := Webhook().Run(t.Context(), req, &actiontest.Sink{OnRecord: func(map[string]any) { require.Empty(t, c.posts) }})
	require.NoError(t, err)
	require.Equal(t, action.Result{Outputs: map[string]any{"status": int64(200)}, Changed: true, Summary: "the message is posted"}, r)
	require.Equal(t, []post{{
		key: req.Key, token: "Bearer canary-token",
		body: map[string]any{"text": "Closed \"now\"\n<b>", "key": req.Key, "channel": "incident"},
	}}, c.posts)
}

func TestALookupTellsWhetherAPostArrived(t *testing.T) {
	c := &room{lose: true}
	req := c.request(t)
	out := &actiontest.Sink{}
	_, err := Webhook().Run(t.Context(), req, out)
	require.True(t, action.IsDoubtful(err), "%v", err)
	require.NotContains(t, err.Error(), "canary")
	req.Record = out.Recorded()
	inspect := Webhook().(action.Inspector)
	i, err := inspect.Inspect(t.Context(), req)
	require.NoError(t, err)
	require.False(t, i.Known || i.Repeatable)
	req.Target.Config["deduplicates"] = true
	i, err = inspect.Inspect(t.Context(), req)
	require.NoError(t, err)
	require.True(t, !i.Known && i.Repeatable)

	base, _, _ := strings.Cut(req.Target.Config.Secret("secret_url").Reveal(), "/hooks")
	req.Target.Config["lookup"] = base + "/keys/{key}"
	i, err = inspect.Inspect(t.Context(), req)
	require.NoError(t, err)
	require.True(t, i.Known && i.Desired)
	r, err := Webhook().Run(t.Context(), req, &actiontest.Sink{})
	require.NoError(t, err)
	require.True(t, r.Changed && !r.Already, "with a record it is the step's own message")
	require.Len(t, c.posts, 1)
}

func TestARefusedPostHidesTheAddress(t *testing.T) {
	for status, permanent := range map[int]bool{403: true, 503: false} {
		c := &room{status: status}
		_, err := Webhook().Run(t.Context(), c.request(t), &actiontest.Sink{})
		var e *action.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, permanent, e.Permanent)
		require.False(t, e.Doubt)
		require.NotContains(t, e.Error()+e.Hint, "canary")
	}
}

func TestNothingIsPostedWhenTheRecordCannotBeWritten(t *testing.T) {
	c := &room{}
	full := errors.New("disk full")
	_, err := Webhook().Run(t.Context(), c.request(t), &actiontest.Sink{RefuseRecord: full})
	require.ErrorIs(t, err, full)
	require.Empty(t, c.posts)
}

func TestALookupMustAskForTheMessage(t *testing.T) {
	require.Len(t, (&asking{Lookup: "https://chat.example.com/"}).check(keyPlaceholder), 1)
	require.Empty(t, (&asking{Lookup: "https://chat.example.com/{key}"}).check(keyPlaceholder))
}

func TestATargetHasOneAddress(t *testing.T) {
	check := inWebhook().Target().Check
	require.Empty(t, check(action.Values{"url": "https://chat.example.com/"}))
	require.Empty(t, check(action.Values{"secret_url": action.NewSecret("x")}))
	require.Len(t, check(action.Values{}), 1)
	require.Len(t, check(action.Values{"url": "https://chat.example.com/", "secret_url": action.NewSecret("x")}), 1)
}
