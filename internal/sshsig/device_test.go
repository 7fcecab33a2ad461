package sshsig

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestKeyThatOnlySshKeygenCanUse: a key of a device goes the same way.
func TestKeyThatOnlySshKeygenCanUse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "k")
	require.NoError(t, exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file).Run())
	key, err := publicOf(file)
	require.NoError(t, err)
	var talk bytes.Buffer
	d := device{key, file, &talk}
	signature, err := d.Sign(context.Background(), Approval, []byte("yes\n"))
	require.NoError(t, err)
	by, err := Verify(Approval, []byte("yes\n"), signature)
	require.NoError(t, err)
	require.Equal(t, key, by)

	d.file += ".gone"
	_, err = d.Sign(context.Background(), Approval, []byte("yes\n"))
	require.ErrorContains(t, err, "ssh-keygen did not sign with")
	require.NotEmpty(t, talk.String(), "what ssh-keygen says is shown")
}
