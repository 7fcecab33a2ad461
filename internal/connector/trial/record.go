package trial

import (
	"github.com/irctl/irctl/internal/actiontest"
)

func (p *play) replayed(t actiontest.T) { t.Errorf("not yet") }
