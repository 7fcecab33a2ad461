package trial

import (
	"net/http"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/connector/openapi"
	"github.com/irctl/irctl/pkg/action"
)

// recorded is the look of a case, answered as the real system has answered it.
func (p *play) recorded(t actiontest.T) {
	s := p.standIn(t).(*stage)
	s.left = slices.Clone(p.it.Exchanges)
	inspector, is := p.action.(action.Inspector)
	if !is {
		fail(t, "%s does not look", p.it.Action.Value)
	}
	in, err := inspector.Inspect(t.Context(), s.request)
	wrong := s.mistakes()
	for _, line := range wrong {
		t.Errorf("%s", line)
	}
	switch {
	case err != nil && len(wrong) == 0 && (!p.it.Fails.Given() || !strings.Contains(whole(err), p.it.Fails.Value)):
		t.Errorf("%s", whole(err))
	case err == nil && !strings.Contains(in.Current, p.it.State.Value):
		t.Errorf("the look says %q, expected is %q", in.Current, p.it.State.Value)
	}
}

// replay is the answer that was recorded for a request: of those that went to its
// path the first that was not given yet, as queries hold what is another one each
// time.
func (s *server) replay(r *http.Request, op *openapi.Operation) reply {
	what := r.Method + " " + strings.TrimPrefix(r.URL.EscapedPath(), s.slice.Base())
	for i, e := range s.left {
		if asked, _, _ := strings.Cut(e.Request.Value, "?"); asked != what {
			continue
		}
		s.left = append(s.left[:i:i], s.left[i+1:]...)
		if op == nil {
			s.complain("%s was recorded and is not described", what)
			return reply{status: e.Status}
		}
		answer := e.Answer
		if root, is := answer.(map[string]any); is && op.Type(e.Status) == openapi.XMLType && len(root) == 1 {
			for _, answer = range root {
			}
		}
		out := written(op, e.Status, answer, "")
		for _, problem := range op.Answer(e.Status, openapi.Message{Header: out.header, Body: out.body}) {
			s.complain("%s:%d: what the system answered is not as described: %s", s.file.Path, e.Request.Span.Start.Line, problem)
		}
		return out
	}
	s.complain("%s: no answer to %s is recorded: record the case anew", s.file.Path, what)
	return reply{status: http.StatusNotFound}
}
