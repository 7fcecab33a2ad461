package host

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/irctl/irctl/pkg/action"
)

// mark begins the line of the error output by which a command on another host
// says that it begins, and which process group it is.
const mark = "irctl-begins:"

// unmark takes the line out of an error output. The pid is 0 if it is not
// there.
func unmark(text string) (pid int, rest string) {
	at := strings.Index(text, mark)
	if at < 0 {
		return 0, text
	}
	line, after, whole := strings.Cut(text[at+len(mark):], "\n")
	pid, err := strconv.Atoi(strings.TrimSuffix(line, "\r"))
	if err != nil || !whole {
		return 0, text
	}
	return pid, text[:at] + after
}

// markSink passes on what a command writes, without the line.
type markSink struct {
	action.Sink // may be nil
	pid         atomic.Int64
	mu          sync.Mutex
	to          io.Writer // of the error output
	held        bytes.Buffer
	seen        bool
}

// Output implements action.Sink.
func (m *markSink) Output(stream string) io.Writer {
	to := io.Discard
	if m.Sink != nil {
		to = m.Sink.Output(stream)
	}
	if stream != "stderr" {
		return to
	}
	m.to = to
	return m
}

// Write implements io.Writer: it holds back what may be the line.
func (m *markSink) Write(b []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen {
		_, _ = m.to.Write(b) // whoever keeps the output keeps its errors too
		return len(b), nil
	}
	m.held.Write(b)
	pid, rest := unmark(m.held.String())
	m.pid.Store(int64(pid))
	if pid > 0 || m.held.Len() > 4<<10 {
		m.pass(rest)
	}
	return len(b), nil
}

// end passes on what was held back for a line that never came.
func (m *markSink) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.seen && m.to != nil {
		m.pass(m.held.String())
	}
}

func (m *markSink) pass(text string) {
	m.seen = true
	m.held.Reset()
	if text != "" {
		_, _ = io.WriteString(m.to, text)
	}
}
