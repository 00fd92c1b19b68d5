// SPDX-License-Identifier: Apache-2.0

// A call by the published Go client of Active Call: invite, tts, interrupt, tts, play, hangup. Prints the events' names.
// Usage: go_client ws://HOST:PORT SESSION_ID CALLEE FILE
package main

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"time"

	"github.com/restsend/rustpbxgo"
)

const patience = 20 * time.Second

// The client's parameters after the first ones differ from version to version; their zero values are left out of the
// command.
func ask(client *rustpbxgo.Client, command string, first ...string) error {
	method := reflect.ValueOf(client).MethodByName(command)
	arguments := []reflect.Value{}
	for _, one := range first {
		arguments = append(arguments, reflect.ValueOf(one))
	}
	for i := len(arguments); i < method.Type().NumIn(); i++ {
		arguments = append(arguments, reflect.Zero(method.Type().In(i)))
	}
	if err := method.Call(arguments)[0]; !err.IsNil() {
		return err.Interface().(error)
	}
	return nil
}

func speak(client *rustpbxgo.Client, text, playID string) error {
	return ask(client, "TTS", text, "", playID)
}

func run(endpoint, id, callee, file string) error {
	events := make(chan string, 256)
	client := rustpbxgo.NewClient(endpoint, rustpbxgo.WithContext(context.Background()), rustpbxgo.WithID(id))
	client.OnEvent = func(event string, payload string) {
		fmt.Println(event)
		events <- event
	}
	until := func(name string) error {
		deadline := time.After(patience)
		for {
			select {
			case event := <-events:
				if event == name {
					return nil
				}
			case <-deadline:
				return fmt.Errorf("no %s", name)
			}
		}
	}
	if err := client.Connect("sip"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := client.Invite(ctx, rustpbxgo.CallOption{Callee: callee}); err != nil {
		return err
	}
	// The call's own trackStart came before its answer.
	steps := []struct {
		do    func() error
		until string
	}{
		{func() error { return nil }, "answer"},
		{func() error { return speak(client, "A long sentence that nobody will hear to its end.", "one") }, "trackStart"},
		{func() error { return client.Interrupt() }, "trackEnd"},
		{func() error { return speak(client, "Good bye.", "two") }, "trackEnd"},
		{func() error { return ask(client, "Play", file) }, "trackEnd"},
		{func() error { return client.Hangup("done") }, "hangup"},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			return err
		}
		if err := until(step.until); err != nil {
			return err
		}
	}
	return client.Shutdown()
}

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
