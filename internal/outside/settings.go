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
	"strconv"
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
	Number   bool     // it is a number of 1 or more
}

// Settings are all there are.
var Settings = []Setting{
	{Name: "home", Variable: "IRCTL_HOME", Means: "folder of the runs and of the lab"},
	{Name: "env", Variable: "IRCTL_ENV", Means: "the environment to act in"},
	{Name: "output", Variable: "IRCTL_OUTPUT", Means: "the format of what goes to stdout", Values: []string{"text", "json", "yaml"}},
	{Name: "color", Variable: "IRCTL_COLOR", Means: "colours: as the terminal has them, never, or always", Values: []string{"auto", "never", "always"}},
	{Name: "plain", Variable: "IRCTL_PLAIN", Means: "a line for each event and no screen, as for a screen reader", Values: []string{"yes", "no"}},
	{Name: "lines", Variable: "IRCTL_LINES", Means: "how many lines of an output irctl logs shows of a whole run", Number: true},
	{Name: "bell", Variable: "IRCTL_BELL", Means: "what tells that a run waits: as fits the terminal, off, bell, osc9 or osc777", Values: []string{"auto", "off", "bell", "osc9", "osc777"}},
	{Name: "key", Variable: "IRCTL_KEY", Means: "the SSH key to sign decisions with: its file, or its fingerprint in the agent"},
	{Name: "plugins", Variable: "IRCTL_PLUGINS", Means: "the folders of plugins, as whole paths"},
	{Name: "editor", Variable: "EDITOR", Means: "what irctl config edit opens the file with"},
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
	set, err := w.ReadSettings()
	w.Unsettled = err
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
		if s.Name == e.Name && s.Number {
			return fmt.Sprintf("%s is a number of 1 or more, not %q", s.Name, e.Value)
		}
		if s.Name == e.Name {
			return fmt.Sprintf("%s is %s, not %q", s.Name, strings.Join(s.Values, ", "), e.Value)
		}
	}
	return fmt.Sprintf("there is no setting %q", e.Name)
}

func checkSetting(name, value string) error {
	n, notNumber := strconv.Atoi(value)
	for _, s := range Settings {
		if s.Name == name && (s.Values == nil || slices.Contains(s.Values, value)) && (!s.Number || notNumber == nil && n > 0) {
			return nil
		}
	}
	return &SettingError{name, value}
}
