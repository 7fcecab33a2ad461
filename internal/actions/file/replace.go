package file

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/irctl/irctl/internal/durable"
)

// replace puts a file in place: old bytes or new ones, never a mixture. The
// owner of the file that was there is kept as far as this process may.
func replace(path string, data []byte, mode fs.FileMode, old fs.FileInfo) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".irctl-*.tmp")
	if err != nil {
		return failed("write beside", path, err)
	}
	if err := fill(f, data, mode, old); err != nil {
		_ = f.Close()
		_ = os.Remove(f.Name())
		return failed("write", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		_ = os.Remove(f.Name())
		return failed("replace", path, err)
	}
	if err := durable.Sync(filepath.Dir(path)); err != nil {
		return failed("make durable the change of", path, err)
	}
	return nil
}

func fill(f *os.File, data []byte, mode fs.FileMode, old fs.FileInfo) error {
	if _, err := f.Write(data); err != nil {
		return err
	}
	if old != nil {
		durable.KeepOwner(f, old)
	}
	if err := f.Chmod(mode); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}

// sameMode compares permissions as far as the system has them: Windows knows
// only whether a file may be written.
func sameMode(a, b fs.FileMode) bool {
	if runtime.GOOS == "windows" {
		return a&0o200 == b&0o200
	}
	return a == b
}
