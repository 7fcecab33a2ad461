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
	for file, want := range map[string]bool{
		"/etc/nginx/irctl/portal.conf": true, "/etc/nginx/sites/new.conf": true, "/etc/nginx/mime.types": true,
		"/srv/commented.conf": false, "/etc/nginx/irctl/other.conf": false, "/etc/nginx/sites/below/x.conf": false,
	} {
		require.Equal(t, want, includes(whole, file), file)
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
