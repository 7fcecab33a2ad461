package connector

import (
	"context"
	"net/url"

	"github.com/irctl/irctl/internal/httpclient"
	"github.com/irctl/irctl/pkg/action"
)

// proof is how requests of a call prove who sends them.
type proof struct {
	file *File
}

func newProof(s *scene) (*proof, error) { return &proof{s.file}, nil }

func (p *proof) options(o httpclient.Options) httpclient.Options { return o }

func (p *proof) give(_ context.Context, c *caller, header map[string]any, query url.Values) (fresh bool, err error) {
	a := c.file.Auth
	_ = query
	if a.Bearer != nil {
		text, _, err := c.revealed(a.Bearer)
		if err != nil {
			return true, err
		}
		header["Authorization"] = action.NewSecret("Bearer " + text)
	}
	return true, nil
}

func (p *proof) hide(*httpclient.Response) {}

func (p *proof) forget(*caller) bool { return false }
