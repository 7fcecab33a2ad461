package host_test

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/irctl/irctl/internal/durable"
	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/realtest"
)

// accessList is an access list as the kernel keeps it (linux/posix_acl_xattr.h):
// the owner may read and write, user 33, the group, the mask read, others
// nothing.
func accessList() []byte {
	list := binary.LittleEndian.AppendUint32(nil, 2)
	for _, e := range []struct {
		tag, perm uint16
		id        uint32
	}{{0x01, 6, ^uint32(0)}, {0x02, 4, 33}, {0x04, 4, ^uint32(0)}, {0x10, 4, ^uint32(0)}, {0x20, 0, ^uint32(0)}} {
		list = binary.LittleEndian.AppendUint16(list, e.tag)
		list = binary.LittleEndian.AppendUint16(list, e.perm)
		list = binary.LittleEndian.AppendUint32(list, e.id)
	}
	return list
}

func attribute(t *testing.T, path, name string) string {
	t.Helper()
	b := make([]byte, 256)
	n, err := unix.Getxattr(path, name, b)
	if errors.Is(err, unix.ENODATA) {
		return ""
	}
	require.NoError(t, err)
	return string(b[:n])
}

// TestAReplacedFileKeepsItsAccessListAndAttributes: a web server that may read
// a password file by its access list still may.
func TestAReplacedFileKeepsItsAccessListAndAttributes(t *testing.T) {
	s := realtest.StartSSHD(t)
	for name, h := range map[string]*host.Host{"here": here(t), "there": to(t, s, nil)} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "htpasswd")
			require.NoError(t, os.WriteFile(path, []byte("old"), 0o640))
			if err := unix.Setxattr(path, "system.posix_acl_access", accessList(), 0); errors.Is(err, unix.ENOTSUP) {
				require.FailNow(t, "the file system of "+path+" has no access lists", "set TMPDIR to a folder on one that has (ext4, xfs, tmpfs, btrfs) and run this again")
			}
			require.NoError(t, unix.Setxattr(path, "user.origin", []byte("by hand"), 0))
			for _, text := range []string{"new", "newer"} {
				require.NoError(t, h.WriteFile(t.Context(), path, []byte(text), 0o600))
				require.Equal(t, string(accessList()), attribute(t, path, "system.posix_acl_access"))
				require.Equal(t, "by hand", attribute(t, path, "user.origin"))
				b, err := os.ReadFile(path)
				require.NoError(t, err)
				require.Equal(t, text, string(b))
			}
			// What the folder would give a new file is no business of an old one.
			plain := filepath.Join(filepath.Dir(path), "plain")
			require.NoError(t, os.WriteFile(plain, nil, 0o640))
			require.NoError(t, unix.Setxattr(filepath.Dir(path), "system.posix_acl_default", accessList(), 0))
			require.NoError(t, h.WriteFile(t.Context(), plain, []byte("new"), 0o600))
			require.Empty(t, attribute(t, plain, "system.posix_acl_access"))
		})
	}
}

// TestAFileWithAnotherNameIsLeftAsItIs: hard links would part.
func TestAFileWithAnotherNameIsLeftAsItIs(t *testing.T) {
	s := realtest.StartSSHD(t)
	for name, h := range map[string]*host.Host{"here": here(t), "there": to(t, s, nil)} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "htpasswd")
			require.NoError(t, os.WriteFile(path, []byte("old"), 0o640))
			require.NoError(t, h.Replaceable(t.Context(), path))
			require.NoError(t, os.Link(path, path+".second"))
			require.ErrorContains(t, h.Replaceable(t.Context(), path), "has another name")
			require.ErrorContains(t, h.WriteFile(t.Context(), path, []byte("new"), 0o640), "has another name")
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, "old", string(b))
		})
	}
}

// TestTwoWhoEditOneFileLoseNothing: here and over ssh, others edit the file in
// the middle of an edit.
func TestTwoWhoEditOneFileLoseNothing(t *testing.T) {
	s := realtest.StartSSHD(t)
	ways := map[string]*host.Host{"here": here(t), "there": to(t, s, nil)}
	for name, h := range ways {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "denied")
			require.NoError(t, os.WriteFile(path, []byte("carol\n"), 0o644))
			add := func(h *host.Host, line string, meanwhile func()) {
				calls := 0
				require.NoError(t, h.Edit(t.Context(), path, 0o644, func(old []byte) ([]byte, error) {
					if calls++; calls == 1 && meanwhile != nil {
						meanwhile()
					}
					return append(old, line...), nil
				}))
				if meanwhile != nil {
					require.Equal(t, 2, calls)
				}
			}
			add(h, "alice\n", func() {
				for _, other := range []string{"here", "there"} {
					add(ways[other], other+"\n", nil)
				}
			})
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, "carol\nhere\nthere\nalice\n", string(b))
			require.ErrorIs(t, h.Replace(t.Context(), path, []byte("carol\n"), nil, 0o644), durable.ErrChanged)
			require.ErrorIs(t, h.Replace(t.Context(), path, nil, nil, 0o644), durable.ErrChanged)
			require.NoError(t, h.Replace(t.Context(), path+".new", nil, []byte("x"), 0o644))
			require.ErrorIs(t, h.Replace(t.Context(), path+".gone", []byte{}, []byte("x"), 0o644), durable.ErrChanged)
			left, err := os.ReadDir(filepath.Dir(path))
			require.NoError(t, err)
			require.Len(t, left, 2, "no draft stays behind")
		})
	}
}
