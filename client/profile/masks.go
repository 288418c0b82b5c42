package profile

import (
	"slices"
	"strings"

	"gantry/client/mask"
	"gantry/client/message"
)

// The fields of masks.
const (
	FieldMaskPaths      Field = "maskPaths"
	FieldMaskProperties Field = "maskProperties"
)

// Export is what exported messages say of the profile over whose connection they came.
func (p *Profile) Export() message.Export {
	return message.Export{Profile: p.ID, Production: p.Environment == Production}
}

// MaskRules are what is masked in messages that leave the profile's cluster for another
// environment: nothing, unless it is one of production.
func (p *Profile) MaskRules() mask.Rules {
	switch {
	case p.Environment != Production:
		return mask.Rules{}
	case p.Masks == nil:
		return mask.All()
	}
	return *p.Masks
}

// ParseNames reads names as a user types them, one a line, without blanks around them. Each
// counts once.
func ParseNames(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if name := strings.TrimSpace(line); name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// cleanMasks leaves out what says what would hold anyway.
func (p *Profile) cleanMasks() {
	if p.Masks != nil && (p.Environment != Production || p.Masks.Equal(mask.All())) {
		p.Masks = nil
	}
}

// validateMasks names each path and property that cannot be masked.
func (p *Profile) validateMasks(add func(Field, string, error)) {
	if p.Masks == nil {
		return
	}
	for field, names := range map[Field][]string{FieldMaskPaths: p.Masks.Paths, FieldMaskProperties: p.Masks.Properties} {
		one := func(names ...string) error {
			if field == FieldMaskPaths {
				return mask.Rules{Paths: names}.Check()
			}
			return mask.Rules{Properties: names}.Check()
		}
		if len(names) > mask.MaxNames {
			add(field, "", mask.TooMany)
			continue
		}
		for _, name := range names {
			if err := one(name); err != nil {
				add(field, name, err)
			}
		}
	}
}
