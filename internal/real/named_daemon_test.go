//go:build unix

package real

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// The keys (TSIG, hmac-sha256) that servers of BIND take updates from: the key
// irctl may change addresses, aliases and texts in the zone, the key hostmaster
// all of it, and irctl all of the response policy zone rpz.example.net, by which
// the servers answer.
const (
	NamedKey         = "irctl"
	NamedSecret      = "Y2FuYXJ5LWlyY3RsLXRzaWctc2VjcmV0LTAxMjM0NTY="
	hostmasterSecret = "Y2FuYXJ5LWhvc3RtYXN0ZXItdHNpZy1zZWNyZXQtMDE="
)

// Named is BIND's server. It answers for example.com with authority and for
// nothing else.
type Named struct{ *realtest.Process }

// StartNamed starts the primary of the zone, in which www has two addresses
// with a TTL of 77 seconds, shop is an alias of www, and irctl must not touch
// private.
func StartNamed(t testing.TB) *Named { return startNamed(t, nil) }

// StartFollower starts another server of a primary's zone, which asks every
// second or so whether there is something new.
func (n *Named) StartFollower(t testing.TB) *Named { return startNamed(t, n) }

func startNamed(t testing.TB, primary *Named) *Named {
	t.Helper()
	program := realtest.Need(t, "named")
	realtest.Need(t, "dig")
	realtest.Need(t, "nsupdate")
	return &Named{realtest.Daemon{
		Ports:     1,
		Configure: func(at realtest.Place) error { return configureNamed(at, primary) },
		Command: func(at realtest.Place) *exec.Cmd {
			return at.Command(program, "-g", "-n", "1", "-c", at.File("named.conf"))
		},
		Ready: func(at realtest.Place) error {
			n := Named{&realtest.Process{Place: at}}
			// Nobody else's server has this folder's name.
			id, err := n.dig("+short", "id.server", "CH", "TXT")
			if err == nil && id != fmt.Sprintf("%q\n", at.Dir) {
				err = fmt.Errorf("the server says that it is %s", id)
			}
			if err != nil {
				return err
			}
			// It takes a moment to load a zone, or to fetch it.
			soa, err := n.dig("+short", "+norecurse", "example.com", "SOA")
			if err == nil && !strings.HasPrefix(soa, "ns1.example.com. ") {
				err = fmt.Errorf("the server has no zone yet: %s", soa)
			}
			return err
		},
	}.Start(t)}
}

func configureNamed(at realtest.Place, primary *Named) error {
	zone := `type primary;
	file "zone";
	allow-transfer { any; };
	update-policy {
		deny irctl name private.example.com;
		grant irctl zonesub A AAAA CNAME TXT;
		grant hostmaster zonesub ANY;
	};`
	if primary != nil {
		zone = fmt.Sprintf(`type secondary;
	file "zone";
	masterfile-format text;
	allow-transfer { any; };
	min-refresh-time 1; max-refresh-time 1; min-retry-time 1; max-retry-time 1;
	primaries { %s port %d; };`, primary.Host(), primary.Ports[0])
	} else if err := at.Write("zone", `$TTL 300
@       IN SOA ns1 hostmaster 1 1 1 3600 60
        IN NS  ns1
ns1     IN A   198.51.100.53
www  77 IN A   198.51.100.10
www  77 IN A   198.51.100.11
private IN A   198.51.100.20
old     IN A   198.51.100.21
shop    IN CNAME www
`); err != nil {
		return err
	}
	if err := at.Write("rpz", `$TTL 300
@ IN SOA ns1.example.com. hostmaster.example.com. 1 1 1 3600 60
  IN NS  ns1.example.com.
old.example.com IN CNAME .
*.old.example.com IN CNAME .
`); err != nil {
		return err
	}
	return at.Write("named.conf", fmt.Sprintf(`options {
	directory "%[1]s";
	server-id "%[1]s";
	pid-file "named.pid";
	session-keyfile none;
	listen-on port %[2]d { %[3]s; };
	listen-on-v6 { none; };
	recursion no;
	response-policy { zone "rpz.example.net" min-update-interval 0; } recursive-only no qname-wait-recurse no;
	dnssec-validation no;
	notify no;
};
controls { };
key irctl { algorithm hmac-sha256; secret "%[4]s"; };
key hostmaster { algorithm hmac-sha256; secret "%[5]s"; };
zone "example.com" {
	%[6]s
};
zone "rpz.example.net" {
	type primary;
	file "rpz";
	allow-transfer { any; };
	update-policy { grant irctl zonesub ANY; grant hostmaster zonesub ANY; };
};
`, at.Dir, at.Ports[0], at.Host(), NamedSecret, hostmasterSecret, zone))
}

// dig asks the server with BIND's own client. That the server cannot be reached
// is an error; dig prints it as if it were an answer.
func (n *Named) dig(args ...string) (string, error) {
	out, err := exec.Command("dig", slices.Concat([]string{"@" + n.Host(), "-p", fmt.Sprint(n.Ports[0]), "+tcp", "+time=5", "+tries=1"}, args)...).CombinedOutput()
	if err != nil || strings.HasPrefix(string(out), ";;") {
		return "", fmt.Errorf("dig %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// Answer is what the server knows of a name, each as "TTL DATA", in order.
func (n *Named) Answer(t testing.TB, name, kind string) []string {
	t.Helper()
	text, err := n.dig("+noall", "+answer", "+norecurse", name, kind)
	require.NoError(t, err)
	out := []string{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		require.Greater(t, len(words), 4, text)
		out = append(out, words[1]+" "+strings.Join(words[4:], " "))
	}
	slices.Sort(out)
	return out
}

// Zone is all records of the zone, the serial number included, in order.
func (n *Named) Zone(t testing.TB) []string { return n.transfer(t, "example.com") }

func (n *Named) transfer(t testing.TB, zone string) []string {
	t.Helper()
	text, err := n.dig("+noall", "+answer", "+onesoa", zone, "AXFR")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(text), "\n")
	slices.Sort(lines)
	return lines
}

// Update changes the zone as its hostmaster does, by lines of nsupdate(1).
func (n *Named) Update(t testing.TB, lines ...string) {
	t.Helper()
	cmd := exec.Command("nsupdate", "-v")
	cmd.Stdin = strings.NewReader(fmt.Sprintf("server %s %d\nzone example.com\nkey hmac-sha256:hostmaster %s\n%s\nsend\n",
		n.Host(), n.Ports[0], hostmasterSecret, strings.Join(lines, "\n")))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}
