package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/irctl/irctl/internal/command"
	"github.com/irctl/irctl/internal/web"
)

// serveOptions is what serve was asked for.
type serveOptions struct {
	run            string // the only one that is shown; "" is all
	listen         string
	cert, key      string // files in PEM, both or none
	reader, forget string
}

func newServeCmd(a *app, run func(ctx context.Context, o serveOptions) error) *cobra.Command {
	var o serveOptions
	cmd := command.New("serve [RUN]", "Show the runs as a page that is live, the war room", func(ctx context.Context, args []string) error {
		if len(args) > 0 {
			o.run = args[0]
		}
		if o.reader != "" || o.forget != "" {
			return a.changeReaders(o)
		}
		return run(ctx, o)
	}, a.completeRuns, command.ExitInterrupted)
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:7373", "serve at this `address`; another one than this machine's own needs --cert")
	f.StringVar(&o.cert, "cert", "", "`file` of the certificate, with those that lead to its root")
	f.StringVar(&o.key, "key", "", "`file` of the certificate's key")
	f.StringVar(&o.reader, "reader", "", "do not serve, but make a token for this `name`, in place of an earlier one")
	f.StringVar(&o.forget, "forget", "", "do not serve, but take away the token of this `name`")
	return cmd
}

// readers are those who may read the war room of this home.
func (a *app) readers() *web.Readers { return web.ReadersIn(filepath.Join(a.runs(), "readers.json")) }

// changeReaders makes a token, or takes one away.
func (a *app) changeReaders(o serveOptions) error {
	switch {
	case o.reader != "" && o.forget != "":
		return command.Usagef("say one of --reader and --forget")
	case o.reader != "":
		token, err := a.readers().Add(o.reader, a.Now())
		if err != nil {
			return command.Failf(err, "no token was made")
		}
		if a.json() {
			return a.print().JSON(map[string]string{"reader": o.reader, "token": token})
		}
		_ = a.print().Note("The token of " + o.reader + " is shown this once; only its hash is kept. Put it behind the address of the page as #token=TOKEN, or paste it there.")
		return a.print().Document(token)
	}
	found, err := a.readers().Remove(o.forget)
	if err == nil && !found {
		err = errors.New("there is no reader of this name")
	}
	if err != nil {
		return command.Failf(err, "no token was taken away")
	}
	return a.tell(map[string]string{"forgotten": o.forget}, "The token of "+o.forget+" is worth nothing any more; a page that is open ends within seconds.")
}

func (a *app) serve(ctx context.Context, o serveOptions) error {
	c := web.Config{Desk: a.desk(), Readers: a.readers(), Now: a.Now}
	var err error
	if o.run != "" {
		if c.Only, err = c.Desk.Store.Find(o.run); err != nil {
			return err
		}
	}
	if (o.cert == "") != (o.key == "") {
		return command.Usagef("--cert and --key belong together")
	}
	if o.cert != "" {
		pair, err := tls.LoadX509KeyPair(a.abs(o.cert), a.abs(o.key))
		if err != nil {
			return command.Failf(err, "the certificate cannot be used")
		}
		c.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	if err := web.Address(o.listen, c.TLS != nil); err != nil {
		return (&command.Problem{Exit: command.ExitUsage, What: "cannot serve at " + o.listen, Cause: err,
			Means: "Other machines are served with TLS alone, and each reader has a token. Nothing was started."}).With("irctl serve --help")
	}
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		return command.Failf(err, "cannot serve at %s", o.listen).With("irctl serve --listen 127.0.0.1:0")
	}
	link := (map[bool]string{true: "https://", false: "http://"})[c.TLS != nil] + serverName(l, c.TLS)
	if c.Only != "" {
		link += "/run/" + c.Only
	} else {
		link += "/"
	}
	link += "#token=" + c.Readers.Guest("whoever started irctl serve")
	if a.json() {
		err = a.print().JSON(map[string]string{"link": link})
	} else {
		_ = a.print().Note("The war room, for whoever has this link. It holds until this ends: Ctrl-C.")
		err = a.print().Document(link)
		_ = a.print().Note("For each other reader:")
		_ = a.print().Next("irctl serve --reader NAME")
	}
	if err != nil {
		return errors.Join(err, l.Close())
	}
	return a.untilTold(func(ctx context.Context, _ []string) error { return web.New(c).Serve(ctx, l) })(ctx, nil)
}

// serverName is the name of a server in a link: of its certificate if it has one.
func serverName(l net.Listener, encrypted *tls.Config) string {
	at := l.Addr().String()
	if encrypted == nil {
		return at
	}
	host, port, _ := net.SplitHostPort(at)
	if leaf := encrypted.Certificates[0].Leaf; leaf != nil && leaf.VerifyHostname(host) != nil && len(leaf.DNSNames) > 0 {
		host = strings.Replace(leaf.DNSNames[0], "*", "irctl", 1)
	}
	return net.JoinHostPort(host, port)
}
