package http_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	acthttp "github.com/irctl/irctl/internal/actions/http"
	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/pkg/action"
)

type answer struct {
	status int
	body   string
}

// exchange runs the action against a server that gives one answer.
func exchange(t *testing.T, a answer, with map[string]any) (got *http.Request, sent string, res action.Result, out *actiontest.Sink, err error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, sent = r, string(b)
		w.Header().Set("Set-Cookie", "session=canary")
		w.Header().Set("Retry-After", "5")
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body)
	}))
	defer server.Close()
	act := acthttp.Request()
	with["url"] = server.URL + "/x?token=canary"
	values, problems := coerce.Fields(act.Spec().Inputs, with)
	require.Empty(t, problems)
	out = &actiontest.Sink{}
	res, err = act.Run(context.Background(), action.Request{Key: "01RUN/step", With: values, Allow: action.Allow{Loopback: true}}, out)
	return got, sent, res, out, err
}

func TestPostSendsJSONWithTheKey(t *testing.T) {
	got, sent, res, _, err := exchange(t, answer{201, `{"id":7,"name":"\u001b[2J"}`}, map[string]any{
		"method": "POST", "headers": map[string]any{"Authorization": action.NewSecret("Bearer s3cret")},
		"body":   map[string]any{"token": action.NewSecret("s3cret"), "list": []any{"a", 90 * time.Second}},
		"expect": map[string]any{"status": []any{201}, "json": map[string]any{"id": 7}, "contains": "id"},
	})
	require.NoError(t, err)
	require.JSONEq(t, `{"token":"s3cret","list":["a","1m30s"]}`, sent)
	require.Equal(t, []string{"POST", "Bearer s3cret", "01RUN/step", "application/json"},
		[]string{got.Method, got.Header.Get("Authorization"), got.Header.Get("Idempotency-Key"), got.Header.Get("Content-Type")})
	require.True(t, res.Changed)
	require.Equal(t, int64(201), res.Outputs["status"])
	require.Equal(t, map[string]any{"id": int64(7), "name": "␛[2J"}, res.Outputs["json"])
	require.Equal(t, "5", res.Outputs["headers"].(map[string]any)["retry-after"])
	require.NotContains(t, res.Outputs["headers"], "set-cookie")
}

func TestGetChangesNothingAndSendsNoKey(t *testing.T) {
	got, _, res, out, err := exchange(t, answer{200, strings.Repeat("x", 100_000)}, map[string]any{})
	require.NoError(t, err)
	require.Empty(t, got.Header.Get("Idempotency-Key"))
	require.False(t, res.Changed)
	require.EqualError(t, res.Outputs["body"].(error), "the answer is longer than 65536 bytes, the most that becomes a text", "a part must not pass for the whole")
	require.Len(t, out.Kept("body"), 100_000)
	got, sent, _, _, err := exchange(t, answer{200, ""}, map[string]any{"method": "PUT", "body": "as it is", "idempotency_header": "X-Once"})
	require.NoError(t, err)
	require.Equal(t, []string{"as it is", "01RUN/step", "text/plain; charset=utf-8"}, []string{sent, got.Header.Get("X-Once"), got.Header.Get("Content-Type")})
}

func TestWhatWasNotExpected(t *testing.T) {
	for want, c := range map[string]struct {
		answer answer
		expect map[string]any
	}{
		"answered 503":                      {answer{503, ""}, nil},
		"answered 200":                      {answer{200, ""}, map[string]any{"status": []any{201}}},
		"does not contain \"maintenance\"":  {answer{200, "open"}, map[string]any{"contains": "maintenance"}},
		"not the JSON that was expected":    {answer{200, "open"}, map[string]any{"json": map[string]any{"a": 1}}},
		"the answer has no \"a.b\"":         {answer{200, `{"a":{}}`}, map[string]any{"json": map[string]any{"a.b": 1}}},
		`a is "open" in the answer, not "x`: {answer{200, `{"a":"open"}`}, map[string]any{"json": map[string]any{"a": "x"}}},
	} {
		with := map[string]any{}
		if c.expect != nil {
			with["expect"] = c.expect
		}
		_, _, _, _, err := exchange(t, c.answer, with)
		var e *action.Error
		require.ErrorAs(t, err, &e)
		require.Contains(t, e.Error(), want)
		require.NotContains(t, e.Error(), "canary")
		require.False(t, e.Permanent, want)
		if c.answer.status == 503 {
			require.Equal(t, 5*time.Second, e.After)
		}
	}
}

func TestLoopbackIsRefused(t *testing.T) {
	_, err := acthttp.Request().Run(context.Background(), action.Request{With: action.Values{"url": "http://127.0.0.1:1/", "method": "GET"}}, &actiontest.Sink{})
	require.ErrorContains(t, err, "does not allow connections")
}

func TestOnlyReadingIsRepeatable(t *testing.T) {
	for method, want := range map[string]bool{"GET": true, "HEAD": true, "POST": false, "DELETE": false} {
		in, err := acthttp.Request().(action.Inspector).Inspect(context.Background(), action.Request{With: action.Values{"method": method}})
		require.NoError(t, err)
		require.False(t, in.Known)
		require.Equal(t, want, in.Repeatable, method)
	}
}
