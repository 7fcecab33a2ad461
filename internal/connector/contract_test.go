package connector_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// standing is the directory as a stand-in: any of its requests may break.
type standing struct {
	*directory
	faults actiontest.Faults
	req    action.Request
}

func (s *standing) Request() action.Request    { return s.req }
func (s *standing) Faults() *actiontest.Faults { return &s.faults }

func (s *standing) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(s.people)
}

func (s *standing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch s.faults.Next(r.Method != http.MethodGet) {
	case actiontest.Lost:
		panic(http.ErrAbortHandler)
	case actiontest.Refused:
		w.WriteHeader(http.StatusForbidden)
	case actiontest.Unanswered:
		s.directory.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	default:
		s.directory.ServeHTTP(w, r)
	}
}

// quick is a clock on which waiting costs no time.
type quick struct{ now *time.Time }

func (q quick) Now() time.Time { return *q.now }

func (q quick) Sleep(ctx context.Context, d time.Duration) error {
	*q.now = q.now.Add(d)
	return ctx.Err()
}

func unhurried(ctx context.Context) context.Context {
	now := time.Now()
	return patience.WithClock(ctx, quick{&now})
}

// Killed between a request and its answer, or its answer lost, at each request of a
// run and of an undo: the next attempt comes to the same end by what it sees.
func TestAConnectorHoldsTheContract(t *testing.T) {
	f := read(t, "testdata/ok/small.yaml")
	a, req := call(t, f, "account.disable", "", "alice")
	actiontest.Contract{
		Action: a,
		Start: func(actiontest.T) actiontest.StandIn {
			s := &standing{directory: &directory{people: map[string]string{"alice": "ACTIVE", "bob": "ACTIVE"}}, req: req}
			s.Server = httptest.NewServer(s)
			t.Cleanup(s.Close)
			s.req.Target.Config = action.Values{"url": s.URL, "token": action.NewSecret("s3cret-token")}
			return s
		},
		Context: func(ctx context.Context, _ actiontest.StandIn) context.Context { return unhurried(ctx) },
	}.Test(actiontest.Under{T: t})
}

// What is done once, and cannot be looked for, is left to a person when its answer
// was lost, unless the system drops repetitions.
func TestALostAnswerToWhatNoLookTellsIsInDoubt(t *testing.T) {
	const source = `irctl: v1
kind: connector
name: pager
summary: a pager
config: {url: {type: string, required: true}}
base: ${{ config.url }}
%sactions:
  page.send:
    summary: Page somebody
    description: Sends a page.
    effect: irreversible
    inputs: {text: {type: string, required: true}}
    run: [{post: /pages, body: {text: '${{ inputs.text }}'}, as: made}]
    outputs: {page: {value: made.json.id, type: string, required: true}}
`
	keys := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		keys[r.Header.Get("Idempotency-Key")]++
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	for head, repeatable := range map[string]bool{"": false, "idempotency: {header: Idempotency-Key, deduplicates: true}\n": true} {
		a, req := call(t, parse(t, "pager.yaml", fmt.Sprintf(source, head)), "page.send", server.URL, "")
		req.With, req.Target.Config = action.Values{"text": "hello"}, action.Values{"url": server.URL}
		_, err := a.Run(unhurried(context.Background()), req, &actiontest.Sink{})
		require.True(t, action.IsDoubtful(err), "%v", err)
		seen, err := a.(action.Inspector).Inspect(context.Background(), req)
		require.NoError(t, err)
		require.Equal(t, []bool{false, repeatable}, []bool{seen.Known, seen.Repeatable})
	}
	require.Equal(t, map[string]int{"": 1, "key": 1}, keys)
}
