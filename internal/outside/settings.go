package outside

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/durable"
)

// Setting is a default that a person keeps in a file. It counts where the
// variable of the environment is not set, of which it takes the place.
type Setting struct {
	Name     string
	Variable string
	Means    string
	Values   []string // that it may have; nil is any
}

// Settings are all there are.
var Settings = []Setting{
	{"home", "IRCTL_HOME", "folder of the runs and of the lab", nil},
	{"env", "IRCTL_ENV", "the environment to act in", nil},
	{"output", "IRCTL_OUTPUT", "the format of what goes to stdout", []string{"text", "json", "yaml"}},
	{"color", "IRCTL_COLOR", "colours: as the terminal has them, never, or always", []string{"auto", "never", "always"}},
	{"plain", "IRCTL_PLAIN", "a line for each event and no screen, as for a screen reader", []string{"yes", "no"}},
	{"lines", "IRCTL_LINES", "how many lines of an output irctl logs shows of a whole run", nil},
	{"bell", "IRCTL_BELL", "what tells that a run waits: as fits the terminal, off, bell, osc9 or osc777", []string{"auto", "off", "bell", "osc9", "osc777"}},
	{"key", "IRCTL_KEY", "the SSH key to sign decisions with: its file, or its fingerprint in the agent", nil},
	{"editor", "EDITOR", "what irctl config edit opens the file with", nil},
}

// SettingsFile is where a person's settings lie, "" if that is nowhere.
func (w World) SettingsFile() string { return Below(w.Config, "irctl", "config.yaml") }

// ReadSettings reads the file: one `name: value` a line. What is no setting is
// an error, beside those that are.
func (w World) ReadSettings() (map[string]string, error) {
	out := map[string]string{}
	text, err := os.ReadFile(w.SettingsFile())
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	for i, line := range strings.Split(string(text), "\n") {
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); name == "" || strings.HasPrefix(name, "#") {
			continue
		}
		value = strings.Trim(strings.TrimSpace(value), `"'`)
		if bad := checkSetting(name, value); !ok || bad != nil {
			err = errors.Join(err, fmt.Errorf("%s:%d: %v", w.SettingsFile(), i+1, cmp.Or(bad, errors.New("this is no `name: value`"))))
			continue
		}
		out[name] = value
	}
	return out, err
}

// Settle makes the settings count as variables of the environment that are
// not set.
func (w World) Settle() World {
	set, _ := w.ReadSettings()
	getenv := w.Getenv
	w.Getenv = func(variable string) string {
		value := getenv(variable)
		if i := slices.IndexFunc(Settings, func(s Setting) bool { return s.Variable == variable }); i >= 0 && value == "" {
			value = set[Settings[i].Name]
		}
		return value
	}
	return w
}

// Set writes a setting into the file; "" takes it out. Other lines stay.
func (w World) Set(name, value string) error {
	if value != "" {
		if err := checkSetting(name, value); err != nil {
			return err
		}
	}
	text, err := os.ReadFile(w.SettingsFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot write %s: %w", w.SettingsFile(), err)
	}
	lines := slices.DeleteFunc(bytes.SplitAfter(text, []byte("\n")), func(l []byte) bool {
		before, _, _ := bytes.Cut(l, []byte(":"))
		return len(l) == 0 || string(bytes.TrimSpace(before)) == name
	})
	if value != "" {
		lines = append(lines, []byte(name+": "+value+"\n"))
	}
	if err = os.MkdirAll(filepath.Dir(w.SettingsFile()), 0o700); err == nil {
		err = durable.Write(w.SettingsFile(), bytes.Join(lines, nil), 0o600)
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", w.SettingsFile(), err)
	}
	return nil
}

// SettingError is a setting that there is not, or a value that it cannot have.
type SettingError struct{ Name, Value string }

// Error implements error.
func (e *SettingError) Error() string {
	for _, s := range Settings {
		if s.Name == e.Name {
			return fmt.Sprintf("%s is %s, not %q", s.Name, strings.Join(s.Values, ", "), e.Value)
		}
	}
	return fmt.Sprintf("there is no setting %q", e.Name)
}

func checkSetting(name, value string) error {
	for _, s := range Settings {
		if s.Name == name && (s.Values == nil || slices.Contains(s.Values, value)) {
			return nil
		}
	}
	return &SettingError{name, value}
}
