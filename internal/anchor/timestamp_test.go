package anchor_test

import (
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/anchor"
)

// authority is a time-stamp authority that openssl plays, and its root.
func authority(t *testing.T, usage string) (url string, roots *x509.CertPool, ca string) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Fatal("this test needs openssl: apt-get install openssl")
	}
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	openssl := func(args ...string) []byte {
		cmd := exec.CommandContext(t.Context(), "openssl", args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%v\n%s", args, out)
		return out
	}
	require.NoError(t, os.WriteFile(file("tsa.cnf"), []byte("[req]\ndistinguished_name=dn\n[dn]\n[tsa]\nextendedKeyUsage=critical,"+usage+
		"\n[ts]\nserial="+file("serial")+"\ncrypto_device=builtin\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\ndigests=sha256\naccuracy=secs:1\ness_cert_id_chain=no\n"), 0o600))
	openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Root of a test", "-days", "2")
	openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Authority of a test")
	openssl("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-out", "tsa.pem", "-extfile", "tsa.cnf", "-extensions", "tsa")
	pem, err := os.ReadFile(file("ca.pem"))
	require.NoError(t, err)
	roots = x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(pem))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, _ := io.ReadAll(r.Body)
		_ = os.WriteFile(file("query"), query, 0o600)
		cmd := exec.CommandContext(r.Context(), "openssl", "ts", "-reply", "-config", "tsa.cnf", "-section", "ts", "-queryfile", "query", "-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "reply")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			http.Error(w, string(out), http.StatusInternalServerError)
			return
		}
		http.ServeFile(w, r, file("reply"))
	}))
	t.Cleanup(server.Close)
	return server.URL, roots, file("ca.pem")
}

func TestATimeStampIsOfTheCheckpoint(t *testing.T) {
	url, roots, _ := authority(t, "timeStamping")
	answer, err := anchor.Authority{URL: url, Roots: roots}.Stamp(t.Context(), client(t), checkpointOf(7))
	require.NoError(t, err)
	at, err := anchor.CheckStamp(answer, checkpointOf(7), roots)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), at, time.Hour)
	_, err = anchor.CheckStamp(answer, checkpointOf(8), roots)
	require.ErrorContains(t, err, "of something else")
	_, err = anchor.CheckStamp(answer, checkpointOf(7), x509.NewCertPool())
	require.ErrorContains(t, err, "not trusted")
	for i := len(answer) - 60; i < len(answer); i++ { // the signature is at the end
		other := append([]byte{}, answer...)
		other[i] ^= 1
		_, err := anchor.CheckStamp(other, checkpointOf(7), roots)
		require.Error(t, err, "byte %d", i)
	}
	_, err = anchor.CheckStamp([]byte("no"), checkpointOf(7), roots)
	require.ErrorContains(t, err, "cannot be read")
}

func TestAnotherCertificateIsNoAuthority(t *testing.T) {
	url, _, _ := authority(t, "timeStamping")
	_, others, _ := authority(t, "timeStamping")
	_, err := anchor.Authority{URL: url, Roots: others}.Stamp(t.Context(), client(t), checkpointOf(7))
	require.ErrorContains(t, err, "not trusted")
	url, roots, _ := authority(t, "serverAuth")
	_, err = anchor.Authority{URL: url, Roots: roots}.Stamp(t.Context(), client(t), checkpointOf(7))
	require.ErrorContains(t, err, "invalid signer cert", "openssl would not sign with it")
}
