package client_test

import (
	"context"
	"fmt"

	"gantry/client"
	"gantry/client/profile"
)

// windowEnv makes the test program play a window that is killed.
const windowEnv = "GANTRY_TEST_WINDOW"

// playWindow is what the killed process does: it subscribes and waits.
func playWindow(dir, nameServer, exe, topic, group string) error {
	c, err := client.New(client.Params{Folders: client.FoldersIn(dir), Executable: exe})
	if err != nil {
		return err
	}
	p := profile.Profile{ID: "p", Name: "test", NameServers: []string{nameServer}}
	conn, err := c.Open(context.Background(), p, "")
	if err != nil {
		return err
	}
	s := profile.Subscription{ID: "s", Profile: "p", Topic: topic, Group: group, OwnGroup: true}
	sub, err := c.Sessions.Open(s)
	if err != nil {
		return err
	}
	if err := conn.Start(context.Background(), sub, s); err != nil {
		return err
	}
	fmt.Println("started")
	select {}
}
