//go:build unix

package real

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// browser is Chromium without a screen, which testdata/browser.js leads.
type browser struct {
	t   *testing.T
	in  *json.Encoder
	out *bufio.Reader
}

// openBrowser starts a browser. It ends with the test.
func openBrowser(t *testing.T) *browser {
	node, chromium := realtest.Need(t, "node"), realtest.Need(t, "chromium")
	packages, err := cached("browser", "playwright-core")
	require.NoError(t, err)
	script, err := filepath.Abs("testdata/browser.js")
	require.NoError(t, err)
	cmd := exec.Command(node, script)
	home := t.TempDir()
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home, "CHROMIUM=" + chromium, "NODE_PATH=" + filepath.Dir(packages)}
	var talk bytes.Buffer
	cmd.Stderr = &talk
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = in.Close() // it closes the browser and ends
		if err := cmd.Wait(); err != nil || t.Failed() {
			t.Log(err, talk.String())
		}
	})
	return &browser{t: t, in: json.NewEncoder(in), out: bufio.NewReader(out)}
}

// ask has the browser do something and reads what comes of it.
func (b *browser) ask(what string, with map[string]any, result any) {
	b.t.Helper()
	request := map[string]any{"do": what}
	for k, v := range with {
		request[k] = v
	}
	require.NoError(b.t, b.in.Encode(request))
	line, err := b.out.ReadBytes('\n')
	require.NoError(b.t, err)
	var answer struct {
		Result json.RawMessage
		Error  string
	}
	require.NoError(b.t, json.Unmarshal(line, &answer))
	require.Empty(b.t, answer.Error, "%s %v", what, with)
	if result != nil {
		require.NoError(b.t, json.Unmarshal(answer.Result, result))
	}
}

func (b *browser) open(url string) {
	b.t.Helper()
	b.ask("open", map[string]any{"url": url, "width": 1200, "height": 900}, nil)
}

// see waits until a place of the page has a text, and returns all of it.
func (b *browser) see(at, text string) (all string) {
	b.t.Helper()
	b.ask("see", map[string]any{"at": at, "text": text}, &all)
	return all
}

// accessible holds the page against the rules of axe-core.
func (b *browser) accessible() {
	b.t.Helper()
	var found struct {
		Passes     int
		Violations []string
	}
	b.ask("axe", nil, &found)
	require.Empty(b.t, found.Violations)
	require.Greater(b.t, found.Passes, 20)
}
