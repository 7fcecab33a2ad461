package htpasswd

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhichPasswordFilesAServerNames(t *testing.T) {
	folders := []string{"/etc/nginx", "/etc/apache2/"}
	for line, want := range map[string][]string{
		"/etc/nginx/sites-enabled/shop:  auth_basic_user_file /etc/shop.htpasswd;":                     {"/etc/shop.htpasswd"},
		"/etc/nginx/nginx.conf:location /a { auth_basic a; auth_basic_user_file conf/a; alias /srv; }": {"/etc/nginx/conf/a"},
		"/etc/apache2/sites-enabled/b.conf:\tAuthUserFile \"/srv/../etc/b\"":                           {"/etc/b"},
		"/etc/apache2/apache2.conf:authuserfile passwords":                                             {"/etc/apache2/passwords"},
		"/srv/site.conf:AuthUserFile passwords":                                                        {"/srv/passwords"},
		"/etc/nginx/nginx.conf:# auth_basic_user_file /etc/old;":                                       nil,
		"/etc/nginx/nginx.conf:auth_basic_user_file /etc/a; # auth_basic_user_file /etc/old;":          {"/etc/a"},
		"/etc/nginx/nginx.conf:auth_basic_user_file $root/$host;":                                      {"$root/$host"},
		"/etc/nginx/nginx.conf:auth_basic_user_file /srv/$host/users;":                                 {"/srv/$host/users"},
	} {
		require.Equal(t, want, named(line+"\n", folders), line)
	}
}
