// Package words puts the window's language in place.
//
// English is the text in the code itself, passed to Fyne's lang.L, lang.N,
// lang.X and lang.XN; Chinese stands in assets/translations. The package keeps
// nothing: the texts go into Fyne's one bundle for the process. Call Load on the main
// goroutine, after the application is made and before its first window; when it is
// called again, what is seen must be made anew, because widgets do not ask again for
// texts that they have.
package words

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/assets"
)

// The choices, as they stand in the settings file.
const (
	System  = "" // Chinese on a Chinese system, else English
	English = "en"
	Chinese = "zh-Hans"
)

// ChineseName is what Chinese (simplified) calls itself; EnglishName what English does.
// Each language of a choice stands there in its own name, so that whoever reads it finds
// it.
const (
	EnglishName = "English"
	ChineseName = "\u7b80\u4f53\u4e2d\u6587"
)

// ErrLanguage is returned for a choice that is none of the above.
var ErrLanguage = errors.New("unknown language")

// Language returns the language that a choice comes to: English or Chinese.
func Language(choice string) (string, error) {
	switch choice {
	case English, Chinese:
		return choice, nil
	case System:
		if base(lang.SystemLocale()) == "zh" {
			return Chinese, nil
		}
		return English, nil
	}
	return "", fmt.Errorf("%w: %q", ErrLanguage, choice)
}

// Load makes lang.L and Fyne's own words speak the chosen language. Fyne always
// speaks the system's language, so the texts are registered under the system's
// name, whatever language they are in. One of them, which nobody sees, says which that is.
func Load(choice string) error {
	language, err := Language(choice)
	if err != nil {
		return err
	}
	chinese, err := assets.Translations()
	if err != nil {
		return err
	}
	english, err := assets.English()
	if err != nil {
		return err
	}
	data, err := json.Marshal(messages(language, chinese, english))
	if err != nil {
		return fmt.Errorf("encode the texts: %w", err)
	}
	for _, name := range names(lang.SystemLocale()) {
		if err := lang.AddTranslationsForLocale(data, name); err != nil {
			return fmt.Errorf("register the texts as %s: %w", name, err)
		}
		if lang.X("gantry.language", "none") == language {
			return nil
		}
	}
	return fmt.Errorf("%s: %w", language, ErrLanguage)
}

// message is one text in go-i18n's form. A plural has all forms set, because the rules that
// pick one are those of the system's language, not of the text's; any other text has Other
// alone, which is a sixth for the bundle to read before the first window.
type message struct {
	Zero  string `json:"zero,omitempty"`
	One   string `json:"one,omitempty"`
	Two   string `json:"two,omitempty"`
	Few   string `json:"few,omitempty"`
	Many  string `json:"many,omitempty"`
	Other string `json:"other"`
}

// plural is a text with a form for one.
func plural(one, other string) message {
	return message{Zero: other, One: one, Two: other, Few: other, Many: other, Other: other}
}

// messages returns the texts to register for one language by their key. English has
// the singulars, Fyne's words, which would else come in the system's language, and what
// is not its own key; every other text is its key, said all the same, because another
// language may have been loaded before.
func messages(language string, chinese, english map[string]string) map[string]message {
	all := make(map[string]message, len(chinese))
	for key, text := range chinese {
		if language == English {
			text = key
		}
		all[key] = message{Other: text}
	}
	for key, one := range english {
		switch other := all[key].Other; {
		case strings.Contains(key, "{{"): // a plural, whose key is its other form
			if language == Chinese {
				one = other
			}
			all[key] = plural(one, other)
		case language == English:
			all[key] = message{Other: one}
		}
	}
	return all
}

// base returns the language part of a locale, "zh" of "zh-CN".
func base(l fyne.Locale) string {
	b, _, _ := strings.Cut(string(l), "-")
	return strings.ToLower(b)
}

// names returns the names under which Fyne may look texts up for a locale, the likely ones
// first: the full one, its language alone, and English, which it falls back
// to when it does not know the system's language.
func names(l fyne.Locale) []fyne.Locale {
	all := []fyne.Locale{fyne.Locale(l.LanguageString()), fyne.Locale(base(l)), "en"}
	if base(l) == "zh" {
		all = append(all, "zh-Hans")
	}
	return all
}
