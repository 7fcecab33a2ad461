//go:build unix

package real

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// Editor is an editor without a screen: it has one language server open, of
// the YAML extension that most editors use, and asks it what they ask.
type Editor struct {
	t       testing.TB
	in      io.WriteCloser
	mu      sync.Mutex // guards in, next, waiting and found
	next    int
	waiting map[int]chan message
	found   map[string]chan []Finding // by the file's URI
	ended   chan error
}

// Finding is a mistake that the editor marks.
type Finding struct {
	Line    int // from 0
	Message string
}

// Choice is one thing that the editor offers.
type Choice struct {
	Label         string
	Detail        string
	Documentation text
}

// text is what a server sends as a string or as an object with a value.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var plain string
	if json.Unmarshal(b, &plain) == nil {
		*t = text(plain)
		return nil
	}
	var marked struct{ Value string }
	err := json.Unmarshal(b, &marked)
	*t = text(marked.Value)
	return err
}

// answerTime is how long a server may take to answer; a slow machine must not
// fail a test.
const answerTime = 2 * time.Minute

// StartEditor starts yaml-language-server for a folder. It ends with the test.
// It is set up as `irctl help editors` says, and told to fetch no schemas, so
// that it reads files and nothing else.
func StartEditor(t testing.TB, folder string) *Editor {
	t.Helper()
	node := realtest.Need(t, "node")
	server, err := cached("editor", "yaml-language-server", "bin", "yaml-language-server")
	require.NoError(t, err)
	cmd := exec.Command(node, server, "--stdio")
	cmd.Dir = folder
	var talk bytes.Buffer
	cmd.Stderr = &talk
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	e := &Editor{t: t, in: in, waiting: map[int]chan message{}, found: map[string]chan []Finding{}, ended: make(chan error, 1)}
	go e.listen(bufio.NewReader(out))
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() && talk.Len() > 0 {
			t.Log(talk.String())
		}
	})
	e.ask("initialize", map[string]any{
		"processId": os.Getpid(), "rootUri": uri(folder),
		"capabilities": map[string]any{"textDocument": map[string]any{
			"completion":         map[string]any{"completionItem": map[string]any{"documentationFormat": []string{"markdown"}}},
			"publishDiagnostics": map[string]any{},
		}},
	}, nil)
	e.tell("initialized", map[string]any{})
	return e
}

// configuration answers what the server asks about its settings, in the order
// in which it asks.
func configuration(params json.RawMessage) []any {
	var asked struct{ Items []struct{ Section string } }
	_ = json.Unmarshal(params, &asked) // what cannot be read is answered with nothing
	out := make([]any, len(asked.Items))
	for i, item := range asked.Items {
		out[i] = map[string]any{}
		if item.Section == "yaml" {
			out[i] = map[string]any{
				"validate": true, "hover": true, "completion": true,
				"schemas":            map[string]any{".irctl.schema.json": []string{"runbooks/*.yaml", "environments/*.yaml"}},
				"schemaStore":        map[string]any{"enable": false, "url": ""},
				"kubernetesCRDStore": map[string]any{"enable": false},
			}
		}
	}
	return out
}

// cached is where .ci/needs puts a file of the packages of internal/realtest/FOLDER.
func cached(folder string, file ...string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod lies above this test")
		}
	}
	path := filepath.Join(append([]string{dir, ".cache", folder, "node_modules"}, file...)...)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s, which this test needs, is not there\n"+
			"  get it:       .ci/needs --packages\n"+
			"  do without:   %s=1 leaves out every test that needs a real program", path, realtest.SkipReal)
	}
	return path, nil
}

// Open opens a file.
func (e *Editor) Open(path, content string) {
	e.tell("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": uri(path), "languageId": "yaml", "version": 1, "text": content,
	}})
}

// Marked returns the mistakes that are marked in an open file, once.
func (e *Editor) Marked(path string) []Finding {
	e.t.Helper()
	select {
	case found := <-e.about(uri(path)):
		return found
	case err := <-e.ended:
		require.NoError(e.t, err, "the language server ended")
	case <-time.After(answerTime):
		require.Fail(e.t, "the language server says nothing about "+path)
	}
	return nil
}

// Complete returns what is offered at a place; lines and characters count
// from 0.
func (e *Editor) Complete(path string, line, character int) []Choice {
	e.t.Helper()
	var list struct{ Items []Choice }
	e.ask("textDocument/completion", at(path, line, character), &list)
	return list.Items
}

// Hover returns what is explained at a place.
func (e *Editor) Hover(path string, line, character int) string {
	e.t.Helper()
	var hover struct{ Contents text }
	e.ask("textDocument/hover", at(path, line, character), &hover)
	return string(hover.Contents)
}

func at(path string, line, character int) map[string]any {
	return map[string]any{
		"textDocument": map[string]any{"uri": uri(path)},
		"position":     map[string]any{"line": line, "character": character},
	}
}

func uri(path string) string { return "file://" + filepath.ToSlash(path) }

// message is one of JSON-RPC 2.0.
type message struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  json.RawMessage `json:"error,omitempty"`
}

// ask sends a request and reads its result into out, unless out is nil.
func (e *Editor) ask(method string, params, out any) {
	e.t.Helper()
	answer := make(chan message, 1)
	e.mu.Lock()
	e.next++
	id := e.next
	e.waiting[id] = answer
	e.mu.Unlock()
	e.send(map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": params})
	select {
	case m := <-answer:
		require.Empty(e.t, string(m.Error), method)
		if out != nil && len(m.Result) > 0 {
			require.NoError(e.t, json.Unmarshal(m.Result, out), "%s: %s", method, m.Result)
		}
	case err := <-e.ended:
		require.NoError(e.t, err, "the language server ended")
	case <-time.After(answerTime):
		require.Fail(e.t, "the language server does not answer "+method)
	}
}

func (e *Editor) tell(method string, params any) {
	e.send(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
}

// send writes a message with its length before it, as the Language Server
// Protocol 3.17 frames them.
func (e *Editor) send(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic("the editor: a message that is not JSON: " + err.Error())
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	_, _ = fmt.Fprintf(e.in, "Content-Length: %d\r\n\r\n%s", len(b), b) // a server that is gone does not answer, and that is seen
}

// listen reads what the server sends until it ends.
func (e *Editor) listen(r *bufio.Reader) {
	for {
		m, err := receive(r)
		if err != nil {
			e.ended <- err
			return
		}
		switch {
		case m.Method == "" && len(m.ID) > 0:
			id, _ := strconv.Atoi(string(m.ID))
			e.mu.Lock()
			answer := e.waiting[id]
			delete(e.waiting, id)
			e.mu.Unlock()
			if answer != nil {
				answer <- m
			}
		case m.Method == "textDocument/publishDiagnostics":
			e.publish(m.Params)
		case m.Method == "workspace/configuration":
			e.send(map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": configuration(m.Params)})
		case len(m.ID) > 0: // the server asks the editor: there is nothing to say
			e.send(map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": nil})
		}
	}
}

func receive(r *bufio.Reader) (message, error) {
	var m message
	head, err := textproto.NewReader(r).ReadMIMEHeader()
	if err != nil {
		return m, err
	}
	n, err := strconv.Atoi(head.Get("Content-Length"))
	if err != nil {
		return m, err
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return m, err
	}
	return m, json.Unmarshal(body, &m)
}

// about is where the findings about a file arrive.
func (e *Editor) about(uri string) chan []Finding {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.found[uri] == nil {
		e.found[uri] = make(chan []Finding, 100)
	}
	return e.found[uri]
}

func (e *Editor) publish(params json.RawMessage) {
	var p struct {
		URI         string
		Diagnostics []struct {
			Message string
			Range   struct{ Start struct{ Line int } }
		}
	}
	if json.Unmarshal(params, &p) != nil {
		return
	}
	found := []Finding{}
	for _, d := range p.Diagnostics {
		found = append(found, Finding{d.Range.Start.Line, d.Message})
	}
	e.about(p.URI) <- found
}
