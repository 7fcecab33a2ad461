//go:build unix

package host_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/realtest"
	"github.com/irctl/irctl/pkg/action"
)

func TestAClientLibraryWorksUnchanged(t *testing.T) {
	s := realtest.StartSSHD(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
	}))
	defer server.Close()
	for name, h := range map[string]*host.Host{"here": here(t), "there": to(t, s, nil)} {
		t.Run(name, func(t *testing.T) {
			transport := &http.Transport{DialContext: h.DialContext}
			defer transport.CloseIdleConnections()
			client := http.Client{Transport: transport}
			for range 2 {
				res, err := client.Post(server.URL, "text/plain", http.NoBody)
				require.NoError(t, err)
				require.NoError(t, res.Body.Close())
				require.Equal(t, 200, res.StatusCode)
			}
		})
	}
}

// echo accepts connections and gives back each line.
func echo(t *testing.T, network, address string) net.Listener {
	t.Helper()
	l, err := net.Listen(network, address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l
}

func TestASocketThereIsReached(t *testing.T) {
	s := realtest.StartSSHD(t)
	path := filepath.Join(t.TempDir(), "admin.sock")
	echo(t, "unix", path)
	for name, h := range map[string]*host.Host{"here": here(t), "there": to(t, s, nil)} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				c, err := h.DialContext(t.Context(), "unix", path)
				require.NoError(t, err)
				_, err = c.Write([]byte("show info\n"))
				require.NoError(t, err)
				line, err := bufio.NewReader(c).ReadString('\n')
				require.NoError(t, err)
				require.Equal(t, "show info\n", line)
				require.NoError(t, c.Close())
			}
		})
	}
}

func TestWhatIsNotReachedFromThereIsSaidAtOnce(t *testing.T) {
	s := realtest.StartSSHD(t)
	l := echo(t, "tcp", "127.0.0.1:0")
	h := to(t, s, nil)
	c, err := h.DialContext(t.Context(), "tcp", l.Addr().String())
	require.NoError(t, err)
	require.Equal(t, l.Addr().String(), c.RemoteAddr().String())
	require.NoError(t, c.Close())
	require.NoError(t, l.Close())

	_, err = h.DialContext(t.Context(), "tcp", l.Addr().String())
	var e *action.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "127.0.0.1 was reached, but from there nothing at "+l.Addr().String()+", so nothing was changed", e.Message)
	require.False(t, e.Doubt)

	_, err = h.DialContext(t.Context(), "tcp", "169.254.169.254:80")
	require.ErrorContains(t, err, "link-local")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = h.DialContext(ended, "tcp", l.Addr().String())
	require.ErrorIs(t, err, context.Canceled)
}

func TestTheNetworkPolicyHoldsForSSH(t *testing.T) {
	s := realtest.StartSSHD(t)
	for name, config := range map[string]action.Values{
		"an address": via(s, nil),
		"a name":     via(s, map[string]any{"ssh": "web1", "options": map[string]any{"HostName": "127.0.0.1"}}),
		"a jump":     via(s, map[string]any{"ssh": "web1", "options": map[string]any{"ProxyJump": "someone@127.0.0.1:2200"}}),
	} {
		t.Run(name, func(t *testing.T) {
			h, err := host.New(config, action.Allow{})
			require.NoError(t, err)
			defer h.Close()
			_, err = h.Output(t.Context(), "true")
			require.ErrorContains(t, err, "does not allow connections to 127.0.0.1")
		})
	}
}
