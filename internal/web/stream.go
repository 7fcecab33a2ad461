package web

import (
	"bytes"
	"fmt"
	"net/http"
	"time"
)

// beat is how often a reader is sent something even if nothing happens: whoever is
// gone is found, and whose token was taken away.
const beat = 15 * time.Second

// live streams a topic to a reader: its state whenever it changes, and entries as
// they come.
func (s *Server) live(choose func(*http.Request) (string, watch)) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, r *http.Request, _ string) {
		key, work := choose(r)
		if work == nil {
			http.Error(w, "this is not shown here", http.StatusNotFound)
			return
		}
		t, leave, ok := s.topics.join(r.Context(), key, work)
		if !ok {
			http.Error(w, "too many readers", http.StatusServiceUnavailable)
			return
		}
		defer leave()
		w.Header().Set("Content-Type", "text/event-stream")
		out := stream{w: w, control: http.NewResponseController(w)}
		tick := time.NewTicker(beat)
		defer tick.Stop()
		var seen place
		seen.readID(r.Header.Get("Last-Event-ID"))
		send := s.hello()
		for {
			changed := t.since(&seen, &send)
			if send.Len() > 0 && out.write(send.Bytes()) != nil {
				return
			}
			send = bytes.Buffer{} // the next is smaller than the first: what a reader costs is its connection
			select {
			case <-r.Context().Done():
				return
			case <-changed:
			case <-tick.C:
				if _, ok := s.Readers.Know(s.token(r)); !ok {
					return
				}
				send = s.hello()
			}
		}
	}
}

// hello tells a page what time it is here, by which its clocks count down.
func (s *Server) hello() (out bytes.Buffer) {
	fmt.Fprintf(&out, "retry: 1000\nevent: now\ndata: %d\n\n", s.Now().UnixMilli())
	return out
}

// stream is the connection to a reader.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// write sends what a reader has to take within [patience].
func (o stream) write(b []byte) error {
	_ = o.control.SetWriteDeadline(time.Now().Add(patience)) // a connection that has none has no slow reader
	if _, err := o.w.Write(b); err != nil {
		return err
	}
	return o.control.Flush()
}
