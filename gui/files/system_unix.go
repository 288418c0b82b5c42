//go:build !windows && !darwin

package files

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// The XDG desktop portal's file chooser: org.freedesktop.portal.FileChooser and
// org.freedesktop.portal.Request of the portal's documentation.
const (
	portalName    = "org.freedesktop.portal.Desktop"
	portalPath    = dbus.ObjectPath("/org/freedesktop/portal/desktop")
	portalOpen    = "org.freedesktop.portal.FileChooser.OpenFile"
	portalSave    = "org.freedesktop.portal.FileChooser.SaveFile"
	requestOf     = "org.freedesktop.portal.Request"
	requestClose  = requestOf + ".Close"
	requestAnswer = requestOf + ".Response"
)

// The portal's answers; any other number says that it ended by itself.
const (
	portalChosen    uint32 = 0
	portalCancelled uint32 = 1
)

// portalRule and portalFilter are a(us) and (sa(us)).
type portalRule struct {
	Kind    uint32 // 0, a glob
	Pattern string
}

type portalFilter struct {
	Name  string
	Rules []portalRule
}

// system asks with the desktop's own dialog, by the portal, and blocks until it is
// answered; when ctx ends, the dialog closes. A path of "" is a question that was
// cancelled; errNone says that this desktop has no such dialog.
//
// It speaks to the bus itself: the portal library takes the first answer to any
// question for its own, cannot be cancelled, and turns the + of a name into a blank.
func system(ctx context.Context, parent string, q Question, save bool) (string, error) {
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return "", errNone
	}
	defer bus.Close()
	token := "gantry" + strings.ToLower(rand.Text())
	sender := strings.ReplaceAll(strings.TrimPrefix(bus.Names()[0], ":"), ".", "_")
	request := portalPath + "/request/" + dbus.ObjectPath(sender+"/"+token)
	answers := make(chan *dbus.Signal, 4)
	bus.Signal(answers)
	// Before the question, else a quick answer is missed.
	if err := bus.AddMatchSignalContext(ctx, dbus.WithMatchObjectPath(request), dbus.WithMatchInterface(requestOf)); err != nil {
		return "", errNone
	}
	gone := dbus.WithMatchArg(0, portalName)
	if err := bus.AddMatchSignalContext(ctx, dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), gone); err != nil {
		return "", errNone
	}
	method := portalOpen
	if save {
		method = portalSave
	}
	portal := bus.Object(portalName, portalPath)
	if err := portal.CallWithContext(ctx, method, 0, parent, q.Title, q.options(token, save)).Err; err != nil && ctx.Err() == nil {
		return "", errNone
	}
	for {
		select {
		case <-ctx.Done():
			soon, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer stop()
			_ = bus.Object(portalName, request).CallWithContext(soon, requestClose, 0).Err // it goes with the connection anyway
			return "", ctx.Err()
		case s, ok := <-answers:
			switch {
			case !ok:
				return "", errNone // the bus is gone
			case s.Name == requestAnswer && s.Path == request:
				return portalAnswer(s.Body)
			case s.Name == "org.freedesktop.DBus.NameOwnerChanged" && len(s.Body) == 3 && s.Body[0] == portalName && s.Body[2] == "":
				return "", errNone // the portal ended with the question
			}
		}
	}
}

// options is the question in the portal's words.
func (q Question) options(token string, save bool) map[string]dbus.Variant {
	o := map[string]dbus.Variant{"handle_token": dbus.MakeVariant(token), "modal": dbus.MakeVariant(true)}
	if save && q.Name != "" {
		o["current_name"] = dbus.MakeVariant(q.Name)
	}
	if q.At != "" {
		if dir := filepath.Dir(q.At); isFolder(dir) {
			o["current_folder"] = dbus.MakeVariant(append([]byte(dir), 0))
		}
	}
	if q.folder {
		o["directory"] = dbus.MakeVariant(true)
	}
	if len(q.Endings) > 0 {
		f := portalFilter{Name: strings.Join(q.Endings, ", ")}
		for _, e := range q.Endings {
			f.Rules = append(f.Rules, portalRule{Pattern: "*" + strings.ToLower(e)}, portalRule{Pattern: "*" + strings.ToUpper(e)})
		}
		o["filters"] = dbus.MakeVariant([]portalFilter{f})
	}
	return o
}

func isFolder(dir string) bool {
	at, err := os.Stat(dir)
	return err == nil && at.IsDir()
}

var errPortal = errors.New("the desktop's file dialog answered with something else than a file")

// portalAnswer reads the path out of the portal's answer.
func portalAnswer(body []any) (string, error) {
	if len(body) != 2 {
		return "", errPortal
	}
	status, _ := body[0].(uint32)
	results, ok := body[1].(map[string]dbus.Variant)
	switch {
	case status == portalCancelled:
		return "", nil
	case status != portalChosen || !ok:
		return "", errNone
	}
	uris, ok := results["uris"].Value().([]string)
	if !ok || len(uris) == 0 {
		return "", errPortal
	}
	u, err := url.Parse(uris[0])
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return "", fmt.Errorf("%w: %q", errPortal, uris[0])
	}
	return u.Path, nil
}
