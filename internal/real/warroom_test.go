//go:build unix

package real

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
)

// serving is irctl serve as a process.
type serving struct {
	cmd *exec.Cmd
	at  string // its address, http://127.0.0.1:PORT
}

// serve starts the war room of a home at an address.
func serve(t *testing.T, home, listen string) *serving {
	s := &serving{cmd: child.Command(t, home, nil, "serve", "--listen", listen)}
	out, err := s.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, s.cmd.Start())
	t.Cleanup(s.kill)
	link, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	s.at, _, _ = strings.Cut(link, "/#token=")
	return s
}

func (s *serving) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// TestTheWarRoomInABrowser reads a run in a real browser while it goes on, dies, is
// resumed and ends, and while the war room itself dies. What a step prints tries to
// break out of the page.
func TestTheWarRoomInABrowser(t *testing.T) {
	b := openBrowser(t)
	home, folder := t.TempDir(), t.TempDir()
	gate := filepath.Join(folder, "gate")
	require.NoError(t, syscall.Mkfifo(gate, 0o600))
	runbook := filepath.Join(folder, "hostile.yaml")
	require.NoError(t, os.WriteFile(runbook, []byte(`irctl: v1
name: hostile
title: Contain </script><script>alert("title")</script>
owner: security@example.com
inputs:
  incident: {type: string, required: true, identifies: true}
steps:
  - id: print
    phase: look
    title: <img src=http://evil.example.com/x onerror=alert(1)>
    uses: exec
    idempotent: true
    undo: {uses: exec, with: {argv: ["true"]}}
    with: {argv: [printf, '%s', '<svg onload=alert("output")></textarea><a href="javascript:alert(2)">click</a>']}
  - id: held
    phase: contain
    uses: exec
    idempotent: true
    undo: {uses: exec, with: {argv: ["true"]}}
    with: {argv: [cat, "`+gate+`"]}
  - id: call
    phase: tell
    manual: 'Call <b onmouseover=alert(3)>the bank</b>.'
`), 0o600))
	irctl := func(args ...string) string {
		cmd := child.Command(t, home, []string{"HOME=" + home}, args...)
		var errs strings.Builder
		cmd.Stderr = &errs
		out, err := cmd.Output()
		require.NoError(t, err, errs.String())
		return strings.TrimSpace(string(out))
	}
	token := irctl("serve", "--reader", "Robin")
	s := serve(t, home, "127.0.0.1:0")
	b.open(s.at + "/#token=" + token)
	b.see("#link", "Live")
	b.see("#runs", "There are no runs.")

	run := child.Command(t, home, []string{"HOME=" + home}, "run", runbook, "--input", "incident=INC-7", "--yes")
	require.NoError(t, run.Start())
	b.see("#runs li", "Contain </script><script>")
	b.accessible()
	b.ask("click", map[string]any{"at": "#runs a"}, nil)
	b.see("h1", `Contain </script><script>alert("title")</script>`)
	b.see("#timeline li", `attempt 1: exec`)
	b.see("#running li", "held")
	b.see("#phases li", "look 1 of 1")
	b.see("#phases li", "contain 0 of 1, 1 running")
	b.see("#steps li", "<img src=http://evil.example.com/x onerror=alert(1)>")
	b.accessible()

	require.NoError(t, run.Process.Kill())
	_ = run.Wait()
	b.see("#notes li", "No process drives this run")
	resumed := child.Command(t, home, []string{"HOME=" + home}, "resume", "latest")
	require.NoError(t, resumed.Start())
	b.see("#timeline li", "resumed")
	b.see("#running li", "held")
	open, err := os.OpenFile(gate, os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = open.WriteString("</li></ul><script>alert(4)</script>\n")
	require.NoError(t, err)
	require.NoError(t, open.Close())
	b.see("#waiting li", "Call <b onmouseover=alert(3)>the bank</b>.")
	b.see("#waiting li", "to do by hand")
	_ = resumed.Wait() // it waits for a person

	s.kill()
	b.see("#link.stale", "what stands here is old")
	b.see("#waiting li", "the bank")
	serve(t, home, strings.TrimPrefix(s.at, "http://"))
	b.see("#link:not(.stale)", "Live")
	id := regexp.MustCompile(`[0-9A-Z]{26}`).FindString(b.see("#about", "Run "))
	irctl("note", id, "<iframe src=//evil.example.com></iframe>")
	b.see("#timeline li", "<iframe src=//evil.example.com></iframe>")

	b.ask("press", map[string]any{"key": "Tab"}, nil)
	var focus string
	b.ask("focus", nil, &focus)
	require.Equal(t, "A To what waits", focus, "the keyboard comes to what matters first")
	var pages, wide int
	b.ask("pages", nil, &pages)
	require.Positive(t, pages)

	b.ask("open", map[string]any{"url": s.at + "/incident/INC-7#token=" + token, "width": 390, "height": 844, "dark": true}, nil)
	b.see("h1", "Incident INC-7")
	b.see("#runs li", "Waits: ")
	b.see("#timeline li", "<iframe")
	b.ask("wide", nil, &wide)
	require.Zero(t, wide, "nothing scrolls sideways on a phone")
	b.accessible()
	irctl("done", id, "call", "--resume")
	b.see("#runs li", "succeeded")

	var markup, asked, said []string
	b.ask("markup", map[string]any{"at": "main img, main svg, main script, main iframe, main b, main textarea, main [onload], main [onerror], a[href^=javascript]"}, &markup)
	require.Empty(t, markup, "texts from outside are text")
	b.ask("asked", nil, &asked)
	for _, url := range asked {
		require.True(t, strings.HasPrefix(url, s.at+"/"), url)
		require.NotContains(t, url[len(s.at):], token, "a token is in no address that is asked for")
	}
	b.ask("said", nil, &said)
	for _, line := range said {
		require.Regexp(t, `Failed to load resource|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING`, line, "only that the war room died")
	}
}
