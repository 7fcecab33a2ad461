package recording

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/irctl/irctl/internal/durable"
)

// Create makes the file for a recording of a run, in a folder that it makes if
// need be. The file is locked until release is called or this process ends.
func Create(folder, run string, now time.Time) (f *os.File, release func(), err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, nil, err
	}
	path := filepath.Join(folder, fmt.Sprintf("%s-%s.cast", run, now.UTC().Format("20060102T150405.000000")))
	if f, err = os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
		return nil, nil, err
	}
	lock := flock.New(path)
	if _, err := lock.TryLock(); err != nil {
		return nil, nil, err
	}
	return f, func() { _ = f.Close(); _ = lock.Close() }, durable.Sync(folder)
}

// Left are the recordings of a run that no process writes any more.
func Left(folder, run string) (files []string, err error) {
	all, err := filepath.Glob(filepath.Join(folder, run+"-*.cast"))
	for _, path := range all {
		lock := flock.New(path)
		if free, _ := lock.TryLock(); free {
			files = append(files, path)
		}
		_ = lock.Close()
	}
	return files, err
}
