package website

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/pkg/action"
)

func TestABlockComesAndGoesWithoutTheRest(t *testing.T) {
	block := blockBegins + "\nset $irctl_closed 1;\n" + blockEnds
	for _, c := range []struct{ text, rest string }{
		{"", ""},
		{"a\nb\n", "a\nb\n"},
		{"a\n" + block + "b", "a\nb"},
		{block, ""},
		{"no newline at the end", "no newline at the end"},
		{blockBegins + "\nset $x 1; # somebody cut the end off\n", blockBegins + "\nset $x 1; # somebody cut the end off\n"},
	} {
		i := parseIncluded(c.text)
		require.Equal(t, c.rest, i.rest())
		require.Equal(t, c.text, i.before+i.block+i.after)
		closed := parseIncluded(i.text(block))
		require.Equal(t, c.rest, closed.text(""))
		require.False(t, closed.made())
	}
	require.True(t, parseIncluded(blockBegins+blockMade+"\n"+blockEnds).made())
}

func TestIncludes(t *testing.T) {
	const whole = `# configuration file /etc/nginx/nginx.conf:
http { include mime.types; include "sites/*.conf"; }
# configuration file /etc/nginx/sites/a.conf:
server {
    # include /srv/commented.conf;
    include  /etc/nginx/irctl/portal*.conf ;
}
`
	for file, want := range map[string]string{
		"/etc/nginx/irctl/portal.conf":  "",
		"/etc/nginx/irctl/portal2.conf": "",
		"/etc/nginx/sites/a.conf":       "nginx includes /etc/nginx/sites/a.conf in its http block, where it cannot close one site",
		"/srv/commented.conf":           "nginx's configuration does not include /srv/commented.conf",
		"/etc/nginx/irctl/other.conf":   "nginx's configuration does not include /etc/nginx/irctl/other.conf",
	} {
		require.Equal(t, want, said(misplaced(whole, file, "https://www.example.com/")), file)
	}
}

func said(problems []error) string {
	text := ""
	for _, err := range problems {
		text += err.Error()
	}
	return text
}

func TestAnIncludeClosesTheSiteThatIsMeant(t *testing.T) {
	const file = "/etc/nginx/irctl/portal.conf"
	for in, want := range map[string]string{
		`http { server { server_name shop.example.com; } server { server_name www.example.com *.example.com; include irctl/portal*.conf; } }`: "",
		`http { server { include irctl/portal*.conf; server_name "shop.example.com"; } server { server_name WWW.example.com www.example.com; } }`: "nginx includes " + file +
			" in the server block of shop.example.com, which would be closed in the place of www.example.com",
		`http { server { server_name _; include irctl/portal*.conf; } }`:                     "",
		`http { server { location / { include irctl/portal*.conf; return 200 "a;}{#"; } } }`: "nginx includes " + file + " in its location block, where it cannot close one site",
		`include irctl/portal*.conf;`:                                                          "nginx includes " + file + " in no block, where it cannot close one site",
		"http { server { set $a ${b}; # } }\n include irctl/portal*.conf; } }":                 "",
		"http { include x; }\n# configuration file /etc/nginx/x:\ninclude irctl/portal*.conf;": "",
	} {
		require.Equal(t, want, said(misplaced("# configuration file /etc/nginx/nginx.conf:\n"+in, file, "https://www.example.com:8443/a")), in)
	}
}

func TestConfigsThatNoServerUnderstands(t *testing.T) {
	check := byNginx(true, following).Target().Check
	require.Empty(t, check(action.Values{"check_url": "https://www.example.com/", "keep_open": []any{"/pay/", "/a.b~c_d-e"}, "page": "/srv/a page.html", "command": []any{"nginx"}, "check_address": "[2001:db8::1]:443"}))
	require.Equal(t, []action.Problem{
		{Input: "check_url", Message: "is not a URL with a host"},
		{Input: "check_address", Message: "is not host:port", Hint: "write it as in 192.0.2.10:443"},
		{Input: "keep_open", Message: "would keep everything open", Hint: "name the paths that have to stay open"},
		{Input: "keep_open", Message: `holds "/pay;}", which is not a plain path`, Hint: "begin with a slash, and use letters, digits and ._~-/ only"},
		{Input: "page", Message: "holds a character that nginx's configuration cannot name", Hint: `do without ", \ and $`},
		{Input: "command", Message: "does not begin with a program", Hint: "write it as in [nginx, -c, /etc/nginx/portal.conf]"},
	}, check(action.Values{"check_url": "https:///x", "check_address": "www.example.com", "keep_open": []any{"/", "/pay;}"}, "page": `/srv/$x`, "command": []any{"-t"}}))
}

func TestServerBlocksThatAnIncludeLeavesOpen(t *testing.T) {
	const file, closes = "/etc/nginx/irctl/portal.conf", "include /etc/nginx/irctl/portal*.conf; "
	for servers, want := range map[string][]string{
		"server { listen 443; server_name www.example.com; " + closes + "}":                                                                               nil,
		"server { listen 443; server_name www.example.com; " + closes + "} server { listen 80; server_name www.example.com; return 301 https://$host; }":  nil,
		"server { listen 443; server_name www.example.com; " + closes + "} server { listen 80; server_name www.example.com; location / { return 200; } }": {"80"},
		"server { listen 443; server_name www.example.com; " + closes + "} server { server_name www.example.com; root /srv; }":                            {"port 80"},
		"server { listen 443; server_name www.example.com; " + closes + "} server { listen 81; listen 82; server_name *.example.com; root /srv; }":        {"81, 82"},
		"server { listen 443; server_name www.example.com; " + closes + "} server { listen 80; server_name shop.example.org; root /srv; }":                nil,
		"server { listen 443; server_name www.example.com; } server { listen 80; server_name www.example.com; }":                                          nil, // said otherwise: it is included nowhere
	} {
		whole := "# configuration file /etc/nginx/nginx.conf:\nhttp { " + servers + " }\n"
		var ways []string
		for _, at := range want {
			ways = append(ways, "the server block of www.example.com at "+at+", which does not include "+file)
		}
		require.Equal(t, ways, uncovered(whole, file, "https://www.example.com/"), servers)
	}
}
