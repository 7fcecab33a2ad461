package plugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/each"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/internal/kind"
	"github.com/irctl/irctl/internal/registry"
	"github.com/irctl/irctl/pkg/action"
)

// Host knows where plugins lie and which are trusted.
type Host struct {
	Folders  []string // whole paths, in the order in which they are looked through
	Lock     string   // the file that says what is trusted
	Irctl    string   // this release
	Attempts *process.Attempts

	limit time.Duration // in place of all that a plugin is waited for, in tests
	heard func(action.Message) error
}

// Entry is what was trusted of a plugin: these bytes, which said this of
// themselves.
type Entry struct {
	Path    string         `json:"path"`
	SHA256  string         `json:"sha256"`
	Trusted time.Time      `json:"trusted"`
	By      string         `json:"by"`
	Actions []action.Offer `json:"actions"`
}

// Name is the NAME of irctl-action-NAME.
func (e Entry) Name() string { return NameOf(e.Path) }

// ChangedError is a plugin that is not what is trusted.
type ChangedError struct{ Name, Path, Now, Trusted string }

// Error implements error.
func (e *ChangedError) Error() string {
	return fmt.Sprintf("the plugin %s was not started, because it is not the file that is trusted: %s has the SHA-256 %s, not %s", e.Name, e.Path, e.Now, e.Trusted)
}

// Trusted returns what the lock file says of plugins in the folders, the first
// of each name alone. Nothing of them is read or run.
func (h *Host) Trusted() ([]Entry, error) {
	if err := h.checkFolders(); err != nil || len(h.Folders) == 0 {
		return nil, err
	}
	all, err := h.read()
	if err != nil {
		return nil, err
	}
	var out []Entry
	for _, folder := range h.Folders {
		for _, e := range all {
			same := func(o Entry) bool { return o.Name() == e.Name() }
			if filepath.Dir(e.Path) == folder && !slices.ContainsFunc(out, same) {
				out = append(out, e)
			}
		}
	}
	return out, nil
}

// checkFolders refuses a folder that is another one in each working folder.
func (h *Host) checkFolders() error {
	for _, folder := range h.Folders {
		if !filepath.IsAbs(folder) {
			return fmt.Errorf("the folder of plugins %q is no whole path, so no plugin is used", folder)
		}
	}
	return nil
}

// Found returns the paths of the plugins in the folders, the first of each name
// alone. A folder that is not there has none.
func (h *Host) Found() ([]string, error) {
	if err := h.checkFolders(); err != nil {
		return nil, err
	}
	var out []string
	for _, folder := range h.Folders {
		files, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return out, err
		}
		for _, f := range files {
			same := func(o string) bool { return filepath.Base(o) == f.Name() }
			if NameOf(f.Name()) != "" && !slices.ContainsFunc(out, same) {
				out = append(out, filepath.Join(folder, f.Name()))
			}
		}
	}
	return out, nil
}

// Find returns the path of the plugin with a name, or of that file.
func (h *Host) Find(name string) (string, error) {
	if strings.ContainsRune(name, filepath.Separator) {
		path, err := filepath.Abs(name)
		if err == nil && NameOf(path) == "" {
			err = fmt.Errorf("a plugin is called %sNAME, with small letters, digits, - and _ in NAME", Prefix)
		}
		return path, err
	}
	found, err := h.Found()
	if err != nil {
		return "", err
	}
	for _, path := range found {
		if NameOf(path) == strings.TrimPrefix(name, Prefix) {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no %s%s in %s: %w", Prefix, name, strings.Join(h.Folders, ", "), fs.ErrNotExist)
}

// lockFile is the form of the lock file.
type lockFile struct {
	Plugins []Entry `json:"plugins"`
}

func (h *Host) read() ([]Entry, error) {
	real, err := safe(h.Lock)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(real)
	}
	var file lockFile
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	for i := 0; err == nil && i < len(file.Plugins); i++ {
		err = check(file.Plugins[i].Actions)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read, so no plugin is used: %w", h.Lock, err)
	}
	return file.Plugins, nil
}

// Trust writes into the lock file that a plugin is what it is now.
func (h *Host) Trust(e Entry) error {
	all, err := h.read()
	if err != nil {
		return err
	}
	all = append(slices.DeleteFunc(all, func(o Entry) bool { return o.Path == e.Path }), e)
	slices.SortFunc(all, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	text, err := json.MarshalIndent(lockFile{all}, "", "  ")
	if err == nil {
		err = durable.Folder(filepath.Dir(h.Lock))
	}
	if err != nil {
		return err
	}
	return durable.Write(h.Lock, append(text, '\n'), 0o600)
}

// Verify reports whether a plugin is what was trusted, and may not be changed by
// others.
func (h *Host) Verify(e Entry) error {
	folder, err := os.MkdirTemp("", "irctl-plugin-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	p, err := open(e.Path, folder)
	if err != nil {
		return err
	}
	defer p.close()
	return e.is(p)
}

func (e Entry) is(p *program) error {
	if p.sha256 != e.SHA256 {
		return &ChangedError{e.Name(), e.Path, p.sha256, e.SHA256}
	}
	return nil
}

// Into returns a registry with the actions of the trusted plugins too. One whose
// name is there already adds its target types to that. What does not fit is left
// out and said.
func (h *Host) Into(r *registry.Registry) (*registry.Registry, error) {
	trusted, err := h.Trusted()
	if err != nil || len(trusted) == 0 {
		return r, err
	}
	actions := map[string]action.Action{}
	for _, name := range r.Names() {
		actions[name], _ = r.Lookup(name)
	}
	var problems []error
	for _, e := range trusted {
		for _, o := range e.Actions {
			there, known := actions[o.Spec.Name]
			if !known {
				actions[o.Spec.Name] = h.action(e, o)
			} else if more, ok := h.kinds(there, e, o); ok {
				actions[o.Spec.Name] = more
			} else {
				problems = append(problems, fmt.Errorf("the plugin %s describes %s, which is there already and not with other target types: it was left out", e.Name(), o.Spec.Name))
			}
		}
	}
	all := make([]action.Action, 0, len(actions))
	for _, a := range actions {
		all = append(all, a)
	}
	return registry.New(all...), errors.Join(problems...)
}

// kinds adds the target types of an offer to an action that is there.
func (h *Host) kinds(there action.Action, e Entry, o action.Offer) (action.Action, bool) {
	var more []kind.Kind
	for _, form := range o.Spec.Targets {
		if _, twice := there.Spec().TargetType(form.Name); twice {
			return nil, false
		}
		form.Undo = form.Undo && o.Undo
		more = append(more, target{h.action(e, o), form})
	}
	if len(more) == 0 {
		return nil, false
	}
	return kind.With(there, more...)
}

// Row is a plugin that is found.
type Row struct {
	Actions string `json:"actions"` // those of a trusted one
	Name    string `json:"name"`
	Path    string `json:"path"`
	State   string `json:"state"` // in words
}

// List tells of each plugin that is found whether it is trusted.
func (h *Host) List() ([]Row, error) {
	found, err := h.Found()
	if err != nil {
		return nil, err
	}
	trusted, err := h.Trusted()
	return each.Of(found, func(path string) Row {
		r := Row{Name: NameOf(path), Path: path, State: "not trusted"}
		if i := slices.IndexFunc(trusted, func(e Entry) bool { return e.Path == path }); i >= 0 {
			r.State = "trusted " + trusted[i].Trusted.Format("2006-01-02") + " by " + trusted[i].By
			if h.Verify(trusted[i]) != nil {
				r.State = "changed"
			}
			r.Actions = strings.Join(each.Of(trusted[i].Actions, func(o action.Offer) string { return o.Spec.Name }), ", ")
		}
		return r
	}), err
}
