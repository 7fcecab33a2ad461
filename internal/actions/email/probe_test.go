package email

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/internal/coerce"
	"github.com/irctl/irctl/pkg/action"
)

// exchanger answers RCPT with a reply, and notes what it was told.
func exchanger(t *testing.T, greeting, reply string) (address string, told <-chan []string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	all := make(chan []string, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all <- converse(c, greeting, reply)
			_ = c.Close()
		}
	}()
	return l.Addr().String(), all
}

func converse(c net.Conn, greeting, reply string) (lines []string) {
	_, _ = fmt.Fprint(c, greeting)
	for in := bufio.NewScanner(c); in.Scan(); {
		lines = append(lines, in.Text())
		switch verb, _, _ := strings.Cut(in.Text(), " "); verb {
		case "RCPT":
			_, _ = fmt.Fprint(c, reply)
		case "QUIT":
			return lines
		default:
			_, _ = fmt.Fprint(c, "250-mx.example.com\r\n250 yes\r\n")
		}
	}
	return lines
}

func probing(t *testing.T, address, expect string) action.Request {
	t.Helper()
	form, ok := Probe().Spec().TargetType("mail-exchanger")
	require.True(t, ok)
	config, problems := coerce.Fields(form.Fields, map[string]any{"address": address, "recipient": "erin@example.com"})
	require.Empty(t, problems)
	return action.Request{
		Run: "01JD", Path: "probe", Key: "01JD/probe", Attempt: 1, With: actiontest.Fill(Probe().Spec().Inputs, action.Values{"expect": expect}),
		Target: action.Target{Name: "mail-from-outside", Type: "mail-exchanger", Config: config}, Allow: action.Allow{Loopback: true},
	}
}

func TestProbe(t *testing.T) {
	for reply, want := range map[string]reply{
		"250 OK\r\n":                          {accepts, 250, "OK"},
		"450-later,\r\n450 \x1b[2Jplease\r\n": {defers, 450, "later, ␛[2Jplease"},
		"550 no\r\n":                          {refuses, 550, "no"},
	} {
		address, told := exchanger(t, "220 mx.example.com\r\n", reply)
		r, err := Probe().Run(t.Context(), probing(t, address, want.does), &actiontest.Sink{})
		require.NoError(t, err)
		require.Equal(t, want.outputs(), r.Outputs)
		require.False(t, r.Changed)
		require.Equal(t, []string{"EHLO localhost.localdomain", "MAIL FROM:<>", "RCPT TO:<erin@example.com>", "QUIT"}, <-told)
	}
}

func TestProbeSaysWhatIsNotSo(t *testing.T) {
	address, _ := exchanger(t, "220 mx.example.com\r\n", "250 OK\r\n")
	_, err := Probe().Run(t.Context(), probing(t, address, defers), &actiontest.Sink{})
	require.EqualError(t, err, "the mail server accepts mail: 250 OK, and it should be that it defers mail")
	in, err := Probe().(action.Inspector).Inspect(t.Context(), probing(t, address, defers))
	require.NoError(t, err)
	require.False(t, in.Desired)
}

// A server that greets with an error is understood; one that says nothing of
// the protocol is no answer at all.
func TestProbeOfServersThatAreNotThere(t *testing.T) {
	address, _ := exchanger(t, "421 going down\r\n", "")
	r, err := Probe().Run(t.Context(), probing(t, address, defers), &actiontest.Sink{})
	require.NoError(t, err)
	require.Equal(t, 421, r.Outputs["code"])

	address, _ = exchanger(t, "HTTP/1.1 400 Bad Request\r\n", "")
	_, err = Probe().Run(t.Context(), probing(t, address, anyway), &actiontest.Sink{})
	require.ErrorContains(t, err, "gives no answer")

	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	_, err = Probe().Run(t.Context(), probing(t, l.Addr().String(), anyway), &actiontest.Sink{})
	require.ErrorContains(t, err, l.Addr().String())
}
