package notify

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

func TestEntry(t *testing.T) {
	at := time.Date(2026, 11, 25, 3, 4, 5, 678901234, time.FixedZone("", 3600))
	for _, c := range []struct {
		name string
		e    entry
		want string
	}{
		{
			"plain", entry{facility: "local0", severity: "notice", at: at, host: "h", set: "irctl@32473", text: "Hello"},
			"<133>1 2026-11-25T02:04:05.678901Z h irctl - notify [irctl@32473] Hello",
		},
		{
			"the lowest and the highest number", entry{facility: "kern", severity: "emerg", at: at, host: "h", set: "x@1", text: "a"},
			"<0>1 2026-11-25T02:04:05.678901Z h irctl - notify [x@1] a",
		},
		{
			"values that would end their value", entry{facility: "local7", severity: "debug", at: at, host: "h", set: "x@1", params: map[string]string{"b": `"]\`, "a": "two\nlines"}, text: "a"},
			`<191>1 2026-11-25T02:04:05.678901Z h irctl - notify [x@1 a="two lines" b="\"\]\\"] a`,
		},
		{
			"a host that is none", entry{facility: "user", severity: "err", at: at, host: "ö \n", set: "x@1", text: "a"},
			"<11>1 2026-11-25T02:04:05.678901Z - irctl - notify [x@1] a",
		},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, c.e.String()) })
	}
	require.Equal(t, "6 K\u00f6ln!", string(frame("K\u00f6ln!")), "octets are counted, not characters")
}

func TestFieldsThatRFC5424DoesNotAllow(t *testing.T) {
	for name, bad := range map[string]bool{
		"incident": false, "a.b-c_d": false, "with space": true, "a=b": true, "a]": true, `a"`: true, "ö": true, "": true,
		strings.Repeat("x", 32): false, strings.Repeat("x", 33): true, "run": true, `back\slash`: false,
	} {
		got := checkFields(action.Values{"fields": map[string]any{name: "x"}})
		require.Equal(t, bad, len(got) > 0, name)
	}
}

// receiver is one end of TLS that reads everything and then hangs up, in the
// way that a test chooses.
func receiver(t *testing.T, hangUp func(net.Conn)) (address, ca string, got <-chan string) {
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS() // for its certificate
	t.Cleanup(s.Close)
	l, err := tls.Listen("tcp", "127.0.0.1:0", s.TLS)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	ca = filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600))
	messages := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		text, _ := io.ReadAll(c)
		messages <- string(text)
		hangUp(c)
	}()
	return l.Addr().String(), ca, messages
}

func logRequest(config action.Values) action.Request {
	config["facility"], config["structured_data_id"], config["hostname"], config["tls"] = "local0", "irctl@32473", "h", true
	return action.Request{
		Run: "01RUN", Runbook: "tell", Path: "step", Key: "01RUN/step", Allow: action.Allow{Loopback: true},
		With: action.Values{"text": "Hello", "severity": "notice"}, Target: action.Target{Name: "siem", Type: "syslog", Config: config},
	}
}

func TestLogEncrypted(t *testing.T) {
	address, ca, got := receiver(t, func(c net.Conn) { _ = c.Close() })
	r, err := inSyslog().Run(t.Context(), logRequest(action.Values{"address": address, "ca_file": ca}), &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, action.Result{Outputs: map[string]any{}, Changed: true, Summary: "the receiver took the message"}, r)
	count, message, _ := strings.Cut(<-got, " ")
	require.Regexp(t, `^<133>1 \S+ h irctl - notify \[irctl@32473 run="01RUN" runbook="tell" step="step"\] Hello \[irctl [0-9a-f]{16}\]$`, message)
	require.Equal(t, count, strconv.Itoa(len(message)))
}

func TestLogToAReceiverThatNobodyTrusts(t *testing.T) {
	address, _, _ := receiver(t, func(c net.Conn) { _ = c.Close() })
	sink := &actiontest.Sink{}
	_, err := inSyslog().Run(t.Context(), logRequest(action.Values{"address": address}), sink)
	var e *action.Error
	require.ErrorAs(t, err, &e)
	require.Contains(t, e.Message, "not encrypted, so nothing was sent")
	require.False(t, e.Doubt)
}

// A connection that breaks after the message was sent leaves a doubt.
func TestLogToAReceiverThatBreaksOff(t *testing.T) {
	address, ca, got := receiver(t, func(c net.Conn) {
		tcp := c.(*tls.Conn).NetConn().(*net.TCPConn)
		_ = tcp.SetLinger(0) // a reset
		_ = tcp.Close()
	})
	_, err := inSyslog().Run(t.Context(), logRequest(action.Values{"address": address, "ca_file": ca}), &actiontest.Sink{})
	require.NotEmpty(t, <-got)
	require.True(t, action.IsDoubtful(err), "%v", err)
}
