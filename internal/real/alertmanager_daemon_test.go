//go:build unix

package real

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// Alertmanager is Prometheus's, with one alert of the service portal and one
// of the service db. It is looked at by its own amtool.
type Alertmanager struct {
	*realtest.Process
	amtool string
}

// StartAlertmanager starts one that silences nothing.
func StartAlertmanager(t testing.TB) *Alertmanager {
	t.Helper()
	program, amtool := realtest.Need(t, "prometheus-alertmanager"), realtest.Need(t, "amtool")
	m := &Alertmanager{amtool: amtool}
	m.Process = realtest.Daemon{
		Ports: 1,
		Configure: func(at realtest.Place) error {
			// The receiver's name is the folder's, to know this one from others.
			return at.Write("alertmanager.yml", "route: {receiver: "+at.Dir+"}\nreceivers: [{name: "+at.Dir+"}]\n")
		},
		Command: func(at realtest.Place) *exec.Cmd {
			return at.Command(program, "--config.file", at.File("alertmanager.yml"), "--storage.path", at.File("data"),
				"--web.listen-address", at.Address(0), "--cluster.listen-address=")
		},
		Ready: func(at realtest.Place) error {
			out, err := exec.Command(amtool, "--alertmanager.url", "http://"+at.Address(0), "config", "show").CombinedOutput()
			if err == nil && !strings.Contains(string(out), at.Dir) {
				err = fmt.Errorf("somebody else answers: %s", out)
			}
			return err
		},
	}.Start(t)
	for _, service := range []string{"portal", "db"} {
		m.run(t, "alert", "add", "alertname=Down", "service="+service, "--end", time.Now().Add(time.Hour).Format(time.RFC3339))
	}
	return m
}

// URL is where people open it.
func (m *Alertmanager) URL() string { return "http://" + m.Address(0) }

func (m *Alertmanager) run(t testing.TB, args ...string) string {
	t.Helper()
	out, err := exec.Command(m.amtool, append([]string{"--alertmanager.url", m.URL()}, args...)...).CombinedOutput()
	require.NoError(t, err, string(out))
	return strings.TrimSpace(string(out))
}

// Loud are the services of the alerts that reach people.
func (m *Alertmanager) Loud(t testing.TB) []string {
	t.Helper()
	var alerts []struct{ Labels struct{ Service string } }
	require.NoError(t, json.Unmarshal([]byte(m.run(t, "alert", "query", "--active", "-o", "json")), &alerts))
	services := []string{}
	for _, a := range alerts {
		services = append(services, a.Labels.Service)
	}
	slices.Sort(services)
	return services
}

// Silence adds a silence, as a person does, and returns its id.
func (m *Alertmanager) Silence(t testing.TB, matcher, comment string, length time.Duration) string {
	t.Helper()
	return m.run(t, "silence", "add", matcher, "--author", "dana", "--comment", comment, "--duration", length.String())
}

// Extend gives a silence another length, as a person does.
func (m *Alertmanager) Extend(t testing.TB, id string, length time.Duration) {
	t.Helper()
	m.run(t, "silence", "update", "--duration", length.String(), id)
}

// Silences are those that silence now, as texts without their ids and without
// when they began; Everything has those too, and the ones that have ended.
func (m *Alertmanager) Silences(t testing.TB) []string {
	t.Helper()
	return m.silences(t, false, "id", "startsAt", "updatedAt")
}

// Everything is all that it knows of silences.
func (m *Alertmanager) Everything(t testing.TB) []string {
	t.Helper()
	return append(m.silences(t, false), m.silences(t, true)...)
}

// IDs are the ids of the silences that silence now, or of those with a matcher.
func (m *Alertmanager) IDs(t testing.TB, matcher ...string) []string {
	t.Helper()
	return strings.Fields(m.run(t, append([]string{"silence", "query", "-q"}, matcher...)...))
}

func (m *Alertmanager) silences(t testing.TB, expired bool, without ...string) []string {
	t.Helper()
	args := []string{"silence", "query", "-o", "json"}
	if expired {
		args = append(args, "--expired")
	}
	var all []map[string]any
	require.NoError(t, json.Unmarshal([]byte(m.run(t, args...)), &all))
	lines := []string{}
	for _, s := range all {
		for _, name := range without {
			delete(s, name)
		}
		line, err := json.Marshal(s)
		require.NoError(t, err)
		lines = append(lines, string(line))
	}
	slices.Sort(lines)
	return lines
}
