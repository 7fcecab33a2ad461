// Package storetest makes the file system under a store fail on purpose.
//
// An [Injector] stands between a store and a file system. It counts every
// operation that changes something; each is a [Point]. At every point a
// function is asked three times what should happen: before the operation, in
// the middle of a write, and after it. It can let things go on, have the
// operation fail, or kill the process. With no function, the injector only
// records, so that a test can list the points of an execution and then run it
// once for each of them.
package storetest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/irctl/irctl/internal/store"
)

// Point is one operation that changes something.
type Point struct {
	N    int    // number of the operation, from 1
	Op   string // create, open (emptying), write, truncate, sync, mkdir, rename, remove, syncdir
	File string // base name of the file or folder; for rename the new name
}

func (p Point) String() string { return fmt.Sprintf("%d %s %s", p.N, p.Op, p.File) }

// Stage is a moment of an operation. The zero value is invalid.
type Stage int

// The stages. Every point has Before and After, and a write has Half.
const (
	Before Stage = iota + 1 // nothing has happened
	Half                    // half of the bytes of a write are written
	After                   // it has happened, nobody was told
)

func (s Stage) String() string {
	switch s {
	case Before:
		return "before"
	case Half:
		return "half"
	case After:
		return "after"
	}
	return fmt.Sprintf("Stage(%d)", int(s))
}

// At says what happens at a stage of a point. An error makes the operation
// fail with it: before it has any effect, after half of a write, or after all
// of it. It may also not return at all.
type At func(Point, Stage) error

// FailAt fails one operation at one stage.
func FailAt(n int, stage Stage, err error) At {
	return func(p Point, s Stage) error {
		if p.N == n && s == stage {
			return err
		}
		return nil
	}
}

// FullFrom is a disk that is full from the nth operation on: creating fails,
// a write stops half-way, and what needs no room succeeds.
func FullFrom(n int, err error) At {
	return func(p Point, s Stage) error {
		if p.N < n {
			return nil
		}
		switch {
		case s == Before && (p.Op == "create" || p.Op == "mkdir"), s == Half:
			return err
		}
		return nil
	}
}

// DeadFrom is a file system that refuses every change from the nth on.
func DeadFrom(n int, err error) At {
	return func(p Point, s Stage) error {
		if p.N >= n && s == Before {
			return err
		}
		return nil
	}
}

// Injector is a file system with faults. It may be used from several
// goroutines; the numbers of points are then in the order of the calls.
type Injector struct {
	inner store.FS
	at    At

	mu     sync.Mutex
	points []Point
}

// New puts an injector over a file system. at may be nil.
func New(inner store.FS, at At) *Injector {
	if at == nil {
		at = func(Point, Stage) error { return nil }
	}
	return &Injector{inner: inner, at: at}
}

// Points returns the operations so far, those that failed included.
func (i *Injector) Points() []Point {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]Point(nil), i.points...)
}

// point counts an operation.
func (i *Injector) point(op, name string) Point {
	i.mu.Lock()
	defer i.mu.Unlock()
	p := Point{len(i.points) + 1, op, filepath.Base(name)}
	i.points = append(i.points, p)
	return p
}

// do is an operation that happens all at once.
func (i *Injector) do(op, name string, act func() error) error {
	p := i.point(op, name)
	if err := i.at(p, Before); err != nil {
		return &fs.PathError{Op: op, Path: name, Err: err}
	}
	if err := act(); err != nil {
		return err
	}
	if err := i.at(p, After); err != nil {
		return &fs.PathError{Op: op, Path: name, Err: err}
	}
	return nil
}

// OpenFile implements [store.FS]. It is a point if it makes or empties a file.
func (i *Injector) OpenFile(name string, flag int, perm fs.FileMode) (store.File, error) {
	var f store.File
	open := func() (err error) {
		f, err = i.inner.OpenFile(name, flag, perm)
		return err
	}
	op := ""
	switch _, err := i.inner.Stat(name); {
	case flag&os.O_CREATE != 0 && err != nil:
		op = "create"
	case flag&os.O_TRUNC != 0:
		op = "open"
	}
	if op == "" {
		if err := open(); err != nil {
			return nil, err
		}
		return &file{f, i, name}, nil
	}
	if err := i.do(op, name, open); err != nil {
		if f != nil {
			_ = f.Close()
		}
		return nil, err
	}
	return &file{f, i, name}, nil
}

// Mkdir implements [store.FS].
func (i *Injector) Mkdir(name string, perm fs.FileMode) error {
	return i.do("mkdir", name, func() error { return i.inner.Mkdir(name, perm) })
}

// Rename implements [store.FS].
func (i *Injector) Rename(from, to string) error {
	return i.do("rename", to, func() error { return i.inner.Rename(from, to) })
}

// Remove implements [store.FS].
func (i *Injector) Remove(name string) error {
	return i.do("remove", name, func() error { return i.inner.Remove(name) })
}

// SyncDir implements [store.FS].
func (i *Injector) SyncDir(name string) error {
	return i.do("syncdir", name, func() error { return i.inner.SyncDir(name) })
}

// Stat implements [store.FS].
func (i *Injector) Stat(name string) (fs.FileInfo, error) { return i.inner.Stat(name) }

// Lstat implements [store.FS].
func (i *Injector) Lstat(name string) (fs.FileInfo, error) { return i.inner.Lstat(name) }

// Chmod implements [store.FS].
func (i *Injector) Chmod(name string, mode fs.FileMode) error {
	return i.do("chmod", name, func() error { return i.inner.Chmod(name, mode) })
}

// ReadDir implements [store.FS].
func (i *Injector) ReadDir(name string) ([]fs.DirEntry, error) { return i.inner.ReadDir(name) }

type file struct {
	store.File
	in   *Injector
	name string
}

func (f *file) Sync() error { return f.in.do("sync", f.name, f.File.Sync) }

func (f *file) Truncate(size int64) error {
	return f.in.do("truncate", f.name, func() error { return f.File.Truncate(size) })
}

func (f *file) Write(b []byte) (int, error) {
	return f.write(b, func(part []byte, _ int) (int, error) { return f.File.Write(part) })
}

func (f *file) WriteAt(b []byte, offset int64) (int, error) {
	return f.write(b, func(part []byte, done int) (int, error) { return f.File.WriteAt(part, offset+int64(done)) })
}

// write writes in two halves, with the three stages around them.
func (f *file) write(b []byte, act func(part []byte, done int) (int, error)) (int, error) {
	p := f.in.point("write", f.name)
	fail := func(n int, s Stage) (int, error) {
		if err := f.in.at(p, s); err != nil {
			return n, &fs.PathError{Op: "write", Path: f.name, Err: err}
		}
		return n, nil
	}
	if n, err := fail(0, Before); err != nil {
		return n, err
	}
	half, err := act(b[:len(b)/2], 0)
	if err != nil {
		return half, err
	}
	if n, err := fail(half, Half); err != nil {
		return n, err
	}
	rest, err := act(b[half:], half)
	if err != nil {
		return half + rest, err
	}
	return fail(half+rest, After)
}
