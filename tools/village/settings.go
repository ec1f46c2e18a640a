package main

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// settings are read from the environment once; what a tier does not use may be missing.
type settings struct {
	port        int
	drain       time.Duration
	greeting    string
	apiURL      string
	databaseURL string
	password    string
	dataDir     string
}

func readSettings(get func(string) string) (settings, error) {
	given := settings{
		drain:       2 * time.Second,
		greeting:    get("GREETING"),
		apiURL:      get("API_URL"),
		databaseURL: get("DATABASE_URL"),
		password:    get("DATABASE_PASSWORD"),
		dataDir:     get("DATA_DIR"),
	}
	if given.greeting == "" {
		given.greeting = "Welcome to the village"
	}
	var faults []error
	if port := get("PORT"); port != "" {
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil || number == 0 {
			faults = append(faults, fmt.Errorf("PORT is %q: set a number from 1 to 65535", port))
		}
		given.port = int(number)
	}
	if drain := get("DRAIN"); drain != "" {
		length, err := time.ParseDuration(drain)
		if err != nil || length < 0 || length > time.Minute {
			faults = append(faults, fmt.Errorf("DRAIN is %q: set a time from 0s to 60s", drain))
		}
		given.drain = length
	}
	return given, errors.Join(faults...)
}

// portOr is the port that was set, or else the tier's usual one.
func (given settings) portOr(usual int) int {
	if given.port != 0 {
		return given.port
	}
	return usual
}

func parseURL(name, value string) (*url.URL, error) {
	if value == "" {
		return nil, fmt.Errorf("%s is not set: name the service, such as http://village-api:8081", name)
	}
	parsed, err := url.Parse(value)
	if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Host == "" {
		return nil, fmt.Errorf("%s is %q: it must read like http://host:port", name, value)
	}
	return parsed, nil
}
