package plugin

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"github.com/irctl/irctl/internal/data"
	"github.com/irctl/irctl/pkg/action"
)

// message reads a line. Numbers keep their types and digits.
func message(line []byte) (action.Message, error) {
	var m action.Message
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		return m, err
	}
	if _, err := d.Token(); err != io.EOF || m.Type == "" {
		return m, errors.New("not one message")
	}
	typed := func(values map[string]any) map[string]any {
		if values == nil {
			return nil
		}
		return data.Of(values).(map[string]any)
	}
	m.Values = typed(m.Values)
	if m.Result != nil {
		m.Result.Outputs = typed(m.Result.Outputs)
	}
	if m.Inspection != nil {
		m.Inspection.Outputs = typed(m.Inspection.Outputs)
	}
	return m, nil
}

var errTooLong = errors.New("the line is too long")

func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if line = append(line, part...); len(line) > maxLine {
			return nil, errTooLong
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimSpace(line), err
		}
	}
}

// tail keeps the end of a stream.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

func (t *tail) Write(p []byte) (int, error) {
	const most = 4 << 10
	n := len(p)
	t.mu.Lock()
	defer t.mu.Unlock()
	p = p[max(0, n-most):]
	t.kept = append(t.kept[:0], t.kept[max(0, min(len(t.kept), len(t.kept)+len(p)-most)):]...)
	t.kept = append(t.kept, p...)
	return n, nil
}

// line is the last one.
func (t *tail) line() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := bytes.TrimSpace(t.kept)
	return string(text[bytes.LastIndexByte(text, '\n')+1:])
}
