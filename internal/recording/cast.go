package recording

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strings"
	"time"
)

// maxBytes is the most that is kept of what a command shows.
const maxBytes = 256 << 20

// ended begins the marker at the end of a recording.
const ended = "ended with status "

// cast writes a file of asciicast. What is shown is held back until its line
// ends, so that no secret is cut in two.
type cast struct {
	file   *os.File
	mask   masker
	now    func() time.Time
	began  time.Time
	synced time.Time
	line   []byte // not written yet
	size   int
	err    error // after which nothing is written
}

func (c *cast) begin(argv []string, columns, rows uint16) error {
	c.began = c.now()
	c.synced = c.began
	c.put(map[string]any{"version": 2, "width": columns, "height": rows, "timestamp": c.began.Unix(), "command": c.mask.text(strings.Join(argv, " "))})
	if c.err == nil {
		c.err = c.file.Sync()
	}
	return c.err
}

// Write implements io.Writer. It never fails: what is shown goes on, and the error
// is told at the end.
func (c *cast) Write(p []byte) (int, error) {
	if c.size > maxBytes {
		return len(p), nil
	}
	c.line = append(c.line, p...)
	if c.size += len(p); c.size > maxBytes {
		c.line = append(c.line, "\r\n[irctl: the rest was not kept]\r\n"...)
	}
	if i := bytes.LastIndexByte(c.line, '\n'); i >= 0 {
		c.event("o", c.mask.text(string(c.line[:i+1])))
		c.line = append(c.line[:0], c.line[i+1:]...)
	}
	if now := c.now(); c.err == nil && now.Sub(c.synced) >= time.Second {
		c.synced, c.err = now, c.file.Sync()
	}
	return len(p), nil
}

func (c *cast) event(kind, text string) {
	c.put([]any{c.now().Sub(c.began).Seconds(), kind, text})
}

func (c *cast) end(text string) error {
	if len(c.line) > 0 {
		c.event("o", c.mask.text(string(c.line)))
	}
	c.event("m", text)
	if c.err == nil {
		c.err = c.file.Sync()
	}
	return c.err
}

func (c *cast) put(v any) {
	if c.err != nil {
		return
	}
	line, err := json.Marshal(v)
	if err == nil {
		_, err = c.file.Write(append(line, '\n'))
	}
	c.err = err
}

// Whole reports whether a recording came to its end, by its last line.
func Whole(r io.Reader) (bool, error) {
	b, err := io.ReadAll(r)
	lines := bytes.Split(bytes.TrimSpace(b), []byte("\n"))
	var last []any
	if err != nil || json.Unmarshal(lines[len(lines)-1], &last) != nil || len(last) != 3 {
		return false, err
	}
	text, _ := last[2].(string)
	return last[1] == "m" && strings.HasPrefix(text, ended), nil
}
