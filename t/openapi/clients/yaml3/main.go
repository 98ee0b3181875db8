// main.go: a YAML file as yaml.v3 reads it, printed as JSON.
package main

import (
	"encoding/json"
	"log"
	"os"

	"gopkg.in/yaml.v3"
)

func main() {
	var value any
	text, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = yaml.Unmarshal(text, &value)
	}
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(value)
	}
	if err != nil {
		log.Fatal(err)
	}
}
