package contract

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// vault is a repository of restic. What is collected lies on this machine.
type vault struct {
	machine
	snapshots []snapshot
	locked    bool     // by somebody who died
	ran       []string // what restic was told to do
}

type snapshot struct {
	ID    string   `json:"id"`
	Tree  string   `json:"tree"`
	Tags  []string `json:"tags"`
	files map[string]string
}

func startRestic(t *testing.T, a action.Action) actiontest.StandIn {
	s := &vault{locked: true}
	s.files = map[string]string{}
	s.changes = func(argv []string) bool { return argv[1] == "backup" }
	log := filepath.Join(t.TempDir(), "auth.log")
	require.NoError(t, os.WriteFile(log, []byte("sign-in of alice"), 0o600))
	s.req = request(t, a, "restic", action.Values{"case": "CASE-1", "name": "logs", "files": []any{log}}, map[string]any{
		"repository": "/srv/vault", "password": action.NewSecret("p"),
	})
	return s
}

func (s *vault) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := ""
	for _, one := range s.snapshots {
		text += fmt.Sprintln(one.Tags, sortedKeys(one.files))
	}
	return text
}

// Run implements host.Machine.
func (s *vault) Run(ctx context.Context, c process.Command) (process.Result, error) {
	s.program = func(argv []string, _ string) (string, string, int) { return s.restic(argv[1:], c.Dir) }
	return s.machine.Run(ctx, c)
}

func (s *vault) restic(args []string, dir string) (string, string, int) {
	after := func(flag string) (values []string) {
		for i, a := range args {
			if a == flag {
				values = append(values, args[i+1])
			}
		}
		return values
	}
	s.ran = append(s.ran, args[0])
	switch args[0] {
	case "unlock":
		s.locked = false
	case "backup":
		if s.locked {
			return "", "unable to create lock: repository is already locked", 1
		}
		s.snapshots = append(s.snapshots, snapshot{fmt.Sprintf("s%d", len(s.snapshots)+1), "tree", after("--tag"), folderFiles(dir)})
	case "snapshots":
		found := []snapshot{}
		for _, one := range s.snapshots {
			if slices.Contains(one.Tags, after("--tag")[0]) {
				found = append(found, one)
			}
		}
		text, _ := json.Marshal(found)
		return string(text), "", 0
	case "dump":
		i := slices.IndexFunc(s.snapshots, func(one snapshot) bool { return slices.Contains(one.Tags, after("--tag")[0]) })
		var b bytes.Buffer
		archive := tar.NewWriter(&b)
		for name, text := range s.snapshots[i].files {
			_ = archive.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o600, Size: int64(len(text))})
			_, _ = archive.Write([]byte(text))
		}
		_ = archive.Close()
		return b.String(), "", 0
	}
	return "", "", 0
}

func folderFiles(dir string) map[string]string {
	files := map[string]string{}
	_ = fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			text, _ := os.ReadFile(filepath.Join(dir, name))
			files[name] = string(text)
		}
		return err
	})
	return files
}
