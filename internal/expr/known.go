package expr

import (
	"fmt"
	"net/netip"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// ownFunctions are what the language has beside CEL's own functions:
//
//   - known(x) is x, and fails where x is null: what nobody knows decides
//     nothing.
//   - net.within(a, b) says whether every address of the network a is one of
//     the network b; net.same(a, b) whether they are the same network. An
//     address (RFC 4291, RFC 791) is a network of one; networks stand in CIDR
//     notation (RFC 4632).
func ownFunctions() []cel.EnvOption {
	networks := func(name string, holds func(a, b netip.Prefix) bool) cel.EnvOption {
		return cel.Function("net."+name, cel.Overload("net_"+name, []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(a, b ref.Val) ref.Val {
				one, err := network(a)
				if err != nil {
					return types.WrapErr(err)
				}
				other, err := network(b)
				if err != nil {
					return types.WrapErr(err)
				}
				return types.Bool(holds(one, other))
			})))
	}
	return []cel.EnvOption{
		cel.Function("known", cel.Overload("known_any", []*cel.Type{cel.DynType}, cel.DynType, cel.UnaryBinding(func(v ref.Val) ref.Val {
			if v.Type() == types.NullType {
				return types.NewErr("the value is not known (null), so nothing can be said about it")
			}
			return v
		}))),
		networks("within", func(a, b netip.Prefix) bool { return b.Bits() <= a.Bits() && b.Contains(a.Addr()) }),
		networks("same", func(a, b netip.Prefix) bool { return a == b }),
	}
}

func network(v ref.Val) (netip.Prefix, error) {
	text, _ := v.Value().(string)
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return p, fmt.Errorf("%.60q is neither an address nor a network", text)
	}
	return p.Masked(), nil
}
