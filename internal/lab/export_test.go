package lab

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Start runs a lab of its own for a test, in a folder of the test.
func Start(t testing.TB) *Lab {
	t.Helper()
	l, err := New(Config{Dir: filepath.Join(t.TempDir(), "lab")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	return l
}

// Dir is the lab's folder, absolute.
func (l *Lab) Dir() string { return l.cfg.Dir }

// Addresses says where the lab's systems listen.
func (l *Lab) Addresses() Addresses { return l.state.Addresses }

// AdminToken is the admin API's bearer token.
func (l *Lab) AdminToken() string { return l.token }

// Mail returns what the company's own mail server took in.
func (l *Lab) Mail() []Message { return l.corporate.all() }

// OutOfBandMail returns what the mailbox outside the company received.
func (l *Lab) OutOfBandMail() []Message { return l.external.all() }

// WarRoom returns the posts that the war room received.
func (l *Lab) WarRoom() []Post { return l.posts.all() }
