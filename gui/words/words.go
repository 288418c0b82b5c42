// Package words puts the window's language in place.
//
// English is the text in the code itself, passed to Fyne's lang.L, lang.N,
// lang.X and lang.XN; Chinese stands in assets/translations. The package keeps
// nothing: the texts go into Fyne's one bundle for the process. Call Load once,
// on the main goroutine, after the application is made and before its first
// window, because widgets do not ask again for texts that they have.
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
// name, whatever language they are in.
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
	}
	return nil
}

// message is one text in go-i18n's form. All plural forms are set, because the
// rules that pick one are those of the system's language, not of the text's.
type message struct {
	Zero  string `json:"zero"`
	One   string `json:"one"`
	Two   string `json:"two"`
	Few   string `json:"few"`
	Many  string `json:"many"`
	Other string `json:"other"`
}

// messages returns the texts to register for one language by their key. English
// needs only what is not its own key: the singulars, and Fyne's words, which
// would else come in the system's language.
func messages(language string, chinese, english map[string]string) map[string]message {
	all := make(map[string]message, len(chinese))
	if language == Chinese {
		for key, text := range chinese {
			all[key] = message{Zero: text, One: text, Two: text, Few: text, Many: text, Other: text}
		}
		return all
	}
	for key, one := range english {
		text := one
		if strings.Contains(key, "{{") { // a plural, whose key is its other form
			text = key
		}
		all[key] = message{Zero: text, One: one, Two: text, Few: text, Many: text, Other: text}
	}
	return all
}

// base returns the language part of a locale, "zh" of "zh-CN".
func base(l fyne.Locale) string {
	b, _, _ := strings.Cut(string(l), "-")
	return strings.ToLower(b)
}

// names returns the names under which Fyne may look texts up for a locale: the
// full one, its language alone, and English, which it falls back to when it
// does not know the system's language.
func names(l fyne.Locale) []fyne.Locale {
	all := []fyne.Locale{fyne.Locale(l.LanguageString()), fyne.Locale(base(l)), "en"}
	if base(l) == "zh" {
		all = append(all, "zh-Hans")
	}
	return all
}
