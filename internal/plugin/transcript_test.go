//go:build unix

package plugin

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/realtest"
	"github.com/irctl/irctl/pkg/action"
)

// said is one line of the transcript in the manual.
type said struct {
	toPlugin bool
	text     string
}

// transcript reads what `irctl help plugins` shows of a run, with a folder in it.
func transcript(t testing.TB, folder string) (out []said) {
	text, err := os.ReadFile("../manual/topics/plugins.txt")
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		line = strings.ReplaceAll(strings.TrimSuffix(line, "\n"), "{folder}", folder)
		switch {
		case strings.HasPrefix(line, "  > "), strings.HasPrefix(line, "  < "):
			out = append(out, said{line[2] == '>', line[4:]})
		case len(out) > 0 && strings.HasPrefix(line, "    "):
			if last := &out[len(out)-1]; strings.HasSuffix(last.text, ",") {
				last.text += line[4:]
			} else {
				last.text += " " + line[4:]
			}
		case len(out) > 0:
			return out
		}
	}
	return out
}

func value(t *testing.T, line string) (v map[string]any) {
	require.NoError(t, json.Unmarshal([]byte(line), &v), line)
	return v
}

func doors(t testing.TB) string {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "server-room"), []byte("open\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "pin"), []byte("0815\n"), 0o600))
	return folder
}

// What the manual shows of irctl is what irctl says: its own words are the
// transcript's when a plugin says the plugin's.
func TestIrctlSaysWhatTheTranscriptShows(t *testing.T) {
	folder := doors(t)
	heard := filepath.Join(t.TempDir(), "heard")
	script := "exec 4>" + heard + "\n"
	lines := transcript(t, folder)
	require.Len(t, lines, 8)
	for _, s := range lines {
		if s.toPlugin {
			script += "read -r line; printf '%s\\n' \"$line\" >&4\n"
		} else {
			script += "echo '" + s.text + "'\n"
		}
	}
	a := trusted(t, host(t), script)
	sink := &actiontest.Sink{}
	res, err := a.Run(t.Context(), request(folder), sink)
	require.NoError(t, err)
	require.Equal(t, action.Result{Changed: true, Summary: "it is locked"}, res)
	require.Equal(t, map[string]any{"was": "open"}, sink.Recorded())
	text, err := os.ReadFile(heard)
	require.NoError(t, err)
	got := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, s := range lines {
		if !s.toPlugin {
			continue
		}
		want, is := value(t, s.text), value(t, got[0])
		got = got[1:]
		if strings.HasPrefix(want["type"].(string), "unknown-") {
			require.Regexp(t, "^unknown-", is["type"])
			is["type"] = want["type"]
		}
		require.Equal(t, want, is)
	}
	require.Empty(t, got)
}

func request(folder string) action.Request {
	return action.Request{
		Run: "01JD", Runbook: "doors", Path: "lock", Attempt: 1, Key: "01JD/lock", With: action.Values{"door": "server-room"},
		Target: action.Target{Name: "cellar", Type: "door-files", Config: action.Values{"folder": folder, "pin": action.NewSecret("0815")}},
		Allow:  action.Allow{Loopback: true},
	}
}

// What the manual shows of a plugin is what the examples say.
func TestTheExamplesSayWhatTheTranscriptShows(t *testing.T) {
	for _, language := range []string{"sh", "py"} {
		t.Run(language, func(t *testing.T) {
			realtest.Need(t, needs[language])
			folder := doors(t)
			path := put(t, host(t), "door", example(t, language))
			var in, want strings.Builder
			for _, s := range transcript(t, folder) {
				if s.toPlugin {
					in.WriteString(s.text + "\n")
				} else {
					want.WriteString(s.text + "\n")
				}
			}
			secrets, err := given(map[string]any{"target.config.pin": "0815"})
			require.NoError(t, err)
			defer func() { _ = secrets.Close() }()
			cmd := exec.CommandContext(t.Context(), path)
			cmd.Stdin, cmd.ExtraFiles = strings.NewReader(in.String()), []*os.File{secrets}
			out, err := cmd.Output()
			require.NoError(t, err)
			is, says := strings.Split(strings.TrimSpace(string(out)), "\n"), strings.Split(strings.TrimSpace(want.String()), "\n")
			require.Len(t, is, len(says))
			for i := range says {
				require.Equal(t, value(t, says[i]), value(t, is[i]))
			}
		})
	}
}
