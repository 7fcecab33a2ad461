package htpasswd

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/irctl/irctl/internal/host"
	"github.com/irctl/irctl/internal/host/process"
	"github.com/irctl/irctl/pkg/action"
)

// naming are the directives by which a server names a password file: nginx's
// ngx_http_auth_basic_module and Apache's mod_authn_file.
var naming = []string{"auth_basic_user_file", "authuserfile"}

// others names, as ways in, the server's other password files that let an account
// in. Nobody signs in to one place of a website as somebody else than to another,
// so an account that has an entry there is not kept out.
func (f *File) others(ctx context.Context, account string) ([]string, error) {
	res, err := f.h.Run(ctx, process.Command{
		Argv:    append([]string{"grep", "-RsiE", "--exclude-dir=*-available", "(" + strings.Join(naming, "|") + ")[[:space:]]", "--"}, f.config.Server...),
		Success: []int{0, 1, 2}, // 2: one of the folders is not there
	}, nil)
	if err != nil {
		return nil, host.Certain(err)
	}
	var out []string
	for _, file := range named(res.Stdout, f.config.Server) {
		shown := action.CleanLine(file, 200)
		if strings.ContainsAny(file, "$%") {
			out = append(out, "the password files "+shown+" of the server, which differ by request")
			continue
		}
		if file == path.Clean(f.path) {
			continue
		}
		b, err := f.h.ReadFile(ctx, file)
		switch {
		case errors.Is(err, fs.ErrNotExist): // the server refuses everybody there
		case action.IsDoubtful(err):
			return nil, err
		case err != nil:
			out = append(out, "whatever "+shown+" holds, another password file of the server, which cannot be read")
		case text(b).entry(account).Active:
			out = append(out, "the entry in "+shown+", another password file of the server")
		}
	}
	return out, nil
}

// named reads the password files in the lines that grep found below folders. A
// name that is no whole path begins in the folder.
func named(found string, folders []string) []string {
	var out []string
	for line := range strings.Lines(found) {
		at, line, _ := strings.Cut(line, ":")
		line, _, _ = strings.Cut(line, "#")
		words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\r\n;{}\"'", r) })
		for i, word := range words {
			if i == 0 || !slices.Contains(naming, strings.ToLower(words[i-1])) {
				continue
			}
			if !strings.HasPrefix(word, "/") && !strings.HasPrefix(word, "$") {
				folder := path.Dir(at)
				if i := slices.IndexFunc(folders, func(f string) bool { return strings.HasPrefix(at, strings.TrimSuffix(f, "/")+"/") }); i >= 0 {
					folder = folders[i]
				}
				word = path.Join(folder, word)
			}
			if !strings.ContainsAny(word, "$%") {
				word = path.Clean(word)
			}
			if !slices.Contains(out, word) {
				out = append(out, word)
			}
		}
	}
	return out
}
