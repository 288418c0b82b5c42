package theme

import (
	"image/color"
	"strings"
)

// Token names a colour by its use. Widgets ask for tokens, never for values.
type Token uint8

// The tokens. None is no colour at all (transparent).
const (
	None Token = iota
	Surface
	Chrome
	Sunken
	Hover
	Sel
	Line
	Field
	InputLine
	Text
	Muted
	Disabled
	Accent
	OnAccent
	Button
	Track
	SegBg
	SegOn
	OK
	OKSoft
	Warn
	WarnSoft
	Err
	ErrSoft
	Band
	OnBand
	EnvLocal
	EnvLocalSoft
	EnvDev
	EnvDevSoft
	EnvTest
	EnvTestSoft
	EnvProd
	EnvProdSoft
	JSONKey
	JSONString
	JSONNumber
	JSONLiteral
	JSONMark
	Pop
	Scrim
	tokenCount
)

// shade is a token in both variants, as 0xRRGGBBAA.
type shade struct{ light, dark uint32 }

// shadeOf is the table of the visual specification, section 4.
func shadeOf(t Token) shade {
	return [tokenCount]shade{
		None:         {0x00000000, 0x00000000},
		Surface:      {0xFFFFFFFF, 0x1A1F27FF},
		Chrome:       {0xF4F5F7FF, 0x14181EFF},
		Sunken:       {0xF8F9FBFF, 0x171C23FF},
		Hover:        {0xECEFF3FF, 0x242B35FF},
		Sel:          {0xE4ECFBFF, 0x253556FF},
		Line:         {0xE1E5EAFF, 0x2C343FFF},
		Field:        {0x8A94A2FF, 0x687483FF},
		InputLine:    {0xC3CAD4FF, 0x434D5BFF},
		Text:         {0x1A2230FF, 0xE3E8EFFF},
		Muted:        {0x566172FF, 0x9DA9B8FF},
		Disabled:     {0x8B95A3FF, 0x6B7684FF},
		Accent:       {0x2B59C3FF, 0x8AABFFFF},
		OnAccent:     {0xFFFFFFFF, 0x0F1726FF},
		Button:       {0xEBEEF2FF, 0x28303BFF},
		Track:        {0xE6E9EEFF, 0x2A323DFF},
		SegBg:        {0xECEFF3FF, 0x14181EFF},
		SegOn:        {0xFFFFFFFF, 0x323C49FF},
		OK:           {0x137A47FF, 0x62C991FF},
		OKSoft:       {0xE5F4ECFF, 0x1B3329FF},
		Warn:         {0x8F5600FF, 0xE3B162FF},
		WarnSoft:     {0xFBF0DCFF, 0x382E1BFF},
		Err:          {0xBF2F28FF, 0xFF8F86FF},
		ErrSoft:      {0xFCE9E7FF, 0x3D2323FF},
		Band:         {0xB3261EFF, 0x9B221BFF},
		OnBand:       {0xFFFFFFFF, 0xFFFFFFFF},
		EnvLocal:     {0x6840B8FF, 0xBBA2F5FF},
		EnvLocalSoft: {0xEFE9FAFF, 0x2C2644FF},
		EnvDev:       {0x0B6E69FF, 0x62C9C2FF},
		EnvDevSoft:   {0xDFF1F0FF, 0x1A3434FF},
		EnvTest:      {0x8F5600FF, 0xE3B162FF},
		EnvTestSoft:  {0xFBF0DCFF, 0x382E1BFF},
		EnvProd:      {0xB3261EFF, 0xFF8F86FF},
		EnvProdSoft:  {0xFCE9E7FF, 0x3D2323FF},
		JSONKey:      {0x1F4B99FF, 0x93B8FFFF},
		JSONString:   {0x137A47FF, 0x7FCF9FFF},
		JSONNumber:   {0x9A4B00FF, 0xE8B26AFF},
		JSONLiteral:  {0x8A2F8FFF, 0xD9A0E0FF},
		JSONMark:     {0x566172FF, 0x9DA9B8FF},
		Pop:          {0xFFFFFFFF, 0x20262FFF},
		Scrim:        {0x0E142021, 0x00000066},
	}[t]
}

// rgba returns 0xRRGGBBAA as a colour.
func rgba(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 24), G: uint8(v >> 16), B: uint8(v >> 8), A: uint8(v)}
}

// In returns the token in the dark or the light variant. A number that is no
// token is transparent.
func (t Token) In(dark bool) color.NRGBA {
	if t >= tokenCount {
		return color.NRGBA{}
	}
	s := shadeOf(t)
	if dark {
		return rgba(s.dark)
	}
	return rgba(s.light)
}

// paint is In for Fyne, which spares itself only the drawing of this very
// transparent.
func (t Token) paint(dark bool) color.Color {
	if t == None {
		return color.Transparent
	}
	return t.In(dark)
}

// Env returns the colours of an environment word ("LOCAL", "dev", ...): the
// strong one for stripes, dots and chip text, the soft one below it. An unknown
// word gets the neutral chip.
func Env(word string) (strong, soft Token) {
	switch strings.ToLower(word) {
	case "local":
		return EnvLocal, EnvLocalSoft
	case "dev":
		return EnvDev, EnvDevSoft
	case "test":
		return EnvTest, EnvTestSoft
	case "prod":
		return EnvProd, EnvProdSoft
	default:
		return Muted, Hover
	}
}
