package durable

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// accessList is the attribute that holds a file's access list (acl(5)). A new
// file may have one from its folder.
const accessList = "system.posix_acl_access"

// keepAttributes gives f the extended attributes of the file at path (xattr(7)),
// and no access list that this has not.
func keepAttributes(f *os.File, path string) error {
	want, err := attributes(path)
	if err != nil {
		return &LostError{Path: path, What: Attribute, Name: "list"}
	}
	for _, name := range want {
		value, err := sized(func(b []byte) (int, error) { return unix.Lgetxattr(path, name, b) })
		if err == nil {
			has, missing := sized(func(b []byte) (int, error) { return unix.Fgetxattr(int(f.Fd()), name, b) })
			if missing == nil && bytes.Equal(has, value) {
				continue // as a security module gives it by itself
			}
			err = unix.Fsetxattr(int(f.Fd()), name, value, 0)
		}
		if err != nil {
			return &LostError{Path: path, What: Attribute, Name: name}
		}
	}
	if slices.Contains(want, accessList) {
		return nil
	}
	err = unix.Fremovexattr(int(f.Fd()), accessList)
	if err != nil && !errors.Is(err, unix.ENODATA) && !errors.Is(err, unix.ENOTSUP) {
		return &LostError{Path: path, What: Attribute, Name: accessList}
	}
	return nil
}

// attributes are the names of those that belong to a file whatever its bytes
// are: integrity measurement signs the bytes.
func attributes(path string) ([]string, error) {
	list, err := sized(func(b []byte) (int, error) { return unix.Llistxattr(path, b) })
	if errors.Is(err, unix.ENOTSUP) {
		return nil, nil
	}
	names := strings.FieldsFunc(string(list), func(r rune) bool { return r == 0 })
	return slices.DeleteFunc(names, func(name string) bool { return name == "security.ima" || name == "security.evm" }), err
}

// sized calls what tells its size when it is given no room.
func sized(read func([]byte) (int, error)) ([]byte, error) {
	for {
		n, err := read(nil)
		if err != nil || n == 0 {
			return nil, err
		}
		b := make([]byte, n)
		if n, err = read(b); !errors.Is(err, unix.ERANGE) { // it has grown
			return b[:max(n, 0)], err
		}
	}
}
