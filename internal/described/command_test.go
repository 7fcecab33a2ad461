//go:build unix

package described_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/internal/described"
	"github.com/irctl/irctl/pkg/action"
)

// mailctl is a mail system with a command-line tool; its state is a file.
func mailctl(t *testing.T, state string) (req action.Request, folder string) {
	t.Helper()
	folder = t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o700))
	}
	write("state", state)
	write("mailctl", `#!/bin/sh
cd "$FOLDER" || exit 9
case "$1" in
status) cat state; case "$(cat state)" in running) exit 0;; *) exit 3;; esac;;
suspend) cat >stdin; printf '%s\n' "$2" "$TOKEN" >args; echo suspended >state; echo '{"queue":{"length":4}}';;
restore) echo running >state;;
esac
`)
	tool := filepath.Join(folder, "mailctl")
	return action.Request{
		Key: "01RUN/email", With: action.Values{"notice": "-x; $(reboot) `id`", "token": action.NewSecret("s3cret"), "retry_after": time.Hour},
		Target: target(t, mail, "command", obj{
			"env": obj{"FOLDER": folder}, "settle": "0s",
			"status":  obj{"argv": []any{tool, "status"}, "running_when": obj{"exit_code": []any{0}}},
			"suspend": obj{"argv": []any{tool, "suspend", "--notice={notice} ({key})"}, "stdin": obj{"notice": "{notice}"}, "env": obj{"TOKEN": "{token}"}, "outputs": obj{"queued": obj{"json": "queue.length"}}},
			"restore": obj{"argv": []any{tool, "restore"}},
		}),
	}, folder
}

func read(t *testing.T, parts ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(parts...))
	require.NoError(t, err)
	return string(b)
}

func TestCommandsRunAndUndo(t *testing.T) {
	req, folder := mailctl(t, "running")
	require.Empty(t, call(mail, "suspend", req).Preflight(context.Background()))
	out := &actiontest.Sink{}
	got, err := call(mail, "suspend", req).Run(context.Background(), out)
	require.NoError(t, err)
	require.Equal(t, action.Result{Changed: true, Summary: "mail at corporate-mail is suspended", Outputs: obj{"queued": int64(4)}}, got)
	require.Equal(t, "--notice=-x; $(reboot) `id` (01RUN/email)\ns3cret\n", read(t, folder, "args"))
	require.JSONEq(t, "{\"notice\":\"-x; $(reboot) `id`\"}", read(t, folder, "stdin"))
	require.Equal(t, "{\"queue\":{\"length\":4}}\n", out.Stream("stdout"))

	req.Record = out.Recorded()
	got, err = call(mail, "suspend", req).Undo(context.Background(), out)
	require.NoError(t, err)
	require.Equal(t, action.Result{Changed: true, Summary: "mail at corporate-mail is running", Outputs: obj{}}, got)
	require.Equal(t, "running\n", read(t, folder, "state"))
}

func TestCommandsInspectWithoutChange(t *testing.T) {
	req, folder := mailctl(t, "stopped")
	in, err := call(mail, "suspend", req).Inspect(context.Background())
	require.NoError(t, err)
	require.True(t, in.Known && in.Desired)
	require.NoFileExists(t, filepath.Join(folder, "args"))
}

func TestAValueDoesNotBecomeAnOption(t *testing.T) {
	req, folder := mailctl(t, "running")
	suspend := req.Target.Config.Map("suspend")
	argv := suspend.List("argv")
	suspend["argv"] = []any{argv[0], "suspend", "{notice}"}
	_, err := call(mail, "suspend", req).Run(context.Background(), &actiontest.Sink{})
	require.ErrorContains(t, err, "taken for an option")
	require.NotContains(t, err.Error(), "reboot")
	require.NoFileExists(t, filepath.Join(folder, "args"))

	suspend["argv"] = []any{argv[0], "suspend", "--", "{notice}"}
	_, err = call(mail, "suspend", req).Run(context.Background(), &actiontest.Sink{})
	require.NoError(t, err)
}

func TestAProgramThatIsMissingIsFoundBefore(t *testing.T) {
	req, folder := mailctl(t, "running")
	require.NoError(t, os.Remove(filepath.Join(folder, "mailctl")))
	problems := call(mail, "suspend", req).Preflight(context.Background())
	require.Len(t, problems, 1)
	require.ErrorContains(t, problems[0], `of the section "status" is not on this machine`)
}

func TestCheckFindsMistakesInDescriptions(t *testing.T) {
	status := obj{"argv": []any{"mailctl", "status"}, "running_when": obj{"stdout_contains": "running"}}
	restore := obj{"argv": []any{"mailctl", "restore"}}
	for name, c := range map[string]struct {
		kind   string
		config obj
		want   []string
	}{
		"unknown placeholder": {"command", obj{"status": status, "restore": restore, "suspend": obj{"argv": []any{"mailctl", "{notce}", "{{braces}}", "{print $1}"}}}, []string{"suspend.argv[1] has the unknown placeholder {notce}"}},
		"secret in argv":      {"command", obj{"status": status, "restore": restore, "suspend": obj{"argv": []any{"mailctl", "--token={token}"}}}, []string{"suspend.argv[1] would show the secret {token}"}},
		"shell":               {"command", obj{"status": status, "restore": restore, "suspend": obj{"argv": []any{"bash", "-ec", "say {notice}", "{notice}"}}}, []string{"suspend.argv[2] would be read by bash as a program"}},
		"ssh":                 {"command", obj{"status": status, "restore": restore, "suspend": obj{"argv": []any{"/usr/bin/ssh", "mx", "suspend", "{notice}"}}}, []string{"suspend.argv[3] would be read by ssh as a program"}},
		"program from data":   {"command", obj{"status": status, "restore": restore, "suspend": obj{"argv": []any{"{notice}"}}}, []string{"suspend.argv must begin with the name of a program"}},
		"bad pattern":         {"command", obj{"status": obj{"argv": []any{"mailctl"}, "running_when": obj{"stdout_matches": "("}}, "restore": restore, "suspend": restore}, []string{"status.running_when.stdout_matches is not a regular expression (RE2)"}},
		"no state":            {"command", obj{"status": obj{"argv": []any{"mailctl"}}, "restore": restore, "suspend": restore}, []string{"status does not say how to tell the states apart"}},
		"http": {"http", obj{"base_url": "https://{notice}.example.com", "status": obj{"path": "status", "suspended_when": obj{"status": []any{200}}}, "suspend": obj{"path": "/{token}", "body": "text"}, "restore": obj{"path": "/r", "body": obj{"a": 1}, "form": obj{"a": "1"}}},
			[]string{"base_url must not hold placeholders", "suspend.path would show the secret {token}", "status.path must begin with a slash", "suspend.body must be a map or a list, which is sent as JSON", "restore has both a body and a form"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, tt := range mail.Targets() {
				if tt.Name != c.kind {
					continue
				}
				values, problems := coerce.Fields(tt.Fields, c.config)
				require.Empty(t, problems)
				var got []string
				for _, p := range tt.Check(values) {
					got = append(got, p.Input+" "+p.Message)
				}
				require.Equal(t, c.want, got)
			}
		})
	}
}

func TestTargetTypesAreDocumented(t *testing.T) {
	for _, s := range []described.System{mail, cases} {
		for _, tt := range s.Targets() {
			require.NotEmpty(t, tt.Example)
			var each func([]action.Field)
			each = func(fields []action.Field) {
				for _, f := range fields {
					require.NotEmpty(t, f.Description, "%s.%s", tt.Name, f.Name)
					each(f.Fields)
				}
			}
			each(tt.Fields)
		}
	}
}
