// Measures CKKS operations of Lattigo at the ring and modulus of this project's own engine, on one thread, and prints
// one JSON object. With -vectors it also runs them on given values, so that results can be compared between libraries.
//
//	go run . [-log-n 16] [-repetitions 5] [-vectors vectors.json]
//
// vectors.json: {"values": [...], "rotations": [...]}; unnamed slots are zero.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/tuneinsight/lattigo/v6/core/rlwe"
	"github.com/tuneinsight/lattigo/v6/schemes/ckks"
)

const version = "v6.2.0"

// 21 primes as in params_fast; 17 special primes are the most that keep log QP below the 1747 bits of 128-bit security,
// and make two digits of the decomposition.
const (
	firstPrimeBits   = 44
	scalingPrimeBits = 41
	scalingPrimes    = 20
	specialPrimeBits = 50
	specialPrimes    = 17
	hoistedRotations = 15
)

type vectors struct {
	Values    []float64 `json:"values"`
	Rotations []int     `json:"rotations"`
}

type results struct {
	Square    []float64            `json:"square"`
	Rotations map[string][]float64 `json:"rotations"`
}

type report struct {
	Library       string             `json:"library"`
	RingDimension int                `json:"ringDimension"`
	Primes        int                `json:"primes"`
	SpecialPrimes int                `json:"specialPrimes"`
	LogQP         float64            `json:"logQP"`
	Threads       int                `json:"threads"`
	Seconds       map[string]float64 `json:"seconds"`
	Results       *results           `json:"results,omitempty"`
}

func main() {
	logN := flag.Int("log-n", 16, "log2 of the ring dimension")
	repetitions := flag.Int("repetitions", 5, "measurements of each operation; the fastest counts")
	file := flag.String("vectors", "", "JSON file of values to run the operations on")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	if err := run(*logN, *repetitions, *file); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(logN, repetitions int, file string) error {
	input := vectors{Values: []float64{0.5, -0.25}}
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &input); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	parameters, err := newParameters(logN)
	if err != nil {
		return err
	}
	peer, err := newPeer(parameters, input)
	if err != nil {
		return err
	}
	seconds, err := peer.measure(repetitions)
	if err != nil {
		return err
	}
	output := report{
		Library:       "Lattigo " + version,
		RingDimension: parameters.N(),
		Primes:        parameters.QCount(),
		SpecialPrimes: parameters.PCount(),
		LogQP:         parameters.LogQP(),
		Threads:       1,
		Seconds:       seconds,
	}
	if file != "" {
		if output.Results, err = peer.results(); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(output)
}

func newParameters(logN int) (ckks.Parameters, error) {
	logQ := []int{firstPrimeBits}
	for range scalingPrimes {
		logQ = append(logQ, scalingPrimeBits)
	}
	logP := make([]int, specialPrimes)
	for i := range logP {
		logP[i] = specialPrimeBits
	}
	return ckks.NewParametersFromLiteral(ckks.ParametersLiteral{
		LogN: logN, LogQ: logQ, LogP: logP, LogDefaultScale: scalingPrimeBits,
	})
}

// peer holds keys and one encrypted vector.
type peer struct {
	parameters ckks.Parameters
	input      vectors
	encoder    *ckks.Encoder
	encryptor  *rlwe.Encryptor
	decryptor  *rlwe.Decryptor
	evaluator  *ckks.Evaluator
	hoisted    []int
	plaintext  *rlwe.Plaintext
	ciphertext *rlwe.Ciphertext
}

func newPeer(parameters ckks.Parameters, input vectors) (*peer, error) {
	generator := rlwe.NewKeyGenerator(parameters)
	secret := generator.GenSecretKeyNew()
	hoisted := make([]int, hoistedRotations)
	for i := range hoisted {
		hoisted[i] = i + 1
	}
	elements := parameters.GaloisElements(append(append([]int{}, hoisted...), input.Rotations...))
	keys := rlwe.NewMemEvaluationKeySet(
		generator.GenRelinearizationKeyNew(secret), generator.GenGaloisKeysNew(elements, secret)...)
	result := &peer{
		parameters: parameters,
		input:      input,
		encoder:    ckks.NewEncoder(parameters),
		encryptor:  rlwe.NewEncryptor(parameters, secret),
		decryptor:  rlwe.NewDecryptor(parameters, secret),
		evaluator:  ckks.NewEvaluator(parameters, keys),
		hoisted:    hoisted,
		plaintext:  ckks.NewPlaintext(parameters, parameters.MaxLevel()),
	}
	if err := result.encoder.Encode(input.Values, result.plaintext); err != nil {
		return nil, err
	}
	var err error
	result.ciphertext, err = result.encryptor.EncryptNew(result.plaintext)
	return result, err
}

// measure returns the least seconds of each operation at the top level.
func (p *peer) measure(repetitions int) (map[string]float64, error) {
	ring := p.parameters.RingQ().AtLevel(p.parameters.MaxLevel())
	poly := ring.NewPoly()
	operations := []struct {
		name string
		run  func() error
	}{
		{"ntt", func() error { ring.NTT(p.ciphertext.Value[0], poly); return nil }},
		{"encode", func() error { return p.encoder.Encode(p.input.Values, p.plaintext) }},
		{"encrypt", func() error { _, err := p.encryptor.EncryptNew(p.plaintext); return err }},
		{"square", func() error { _, err := p.evaluator.MulRelinNew(p.ciphertext, p.ciphertext); return err }},
		{"rotation", func() error { _, err := p.evaluator.RotateNew(p.ciphertext, 1); return err }},
		{"hoistedRotations", func() error { _, err := p.evaluator.RotateHoistedNew(p.ciphertext, p.hoisted); return err }},
	}
	seconds := map[string]float64{}
	for _, operation := range operations {
		for i := range repetitions {
			start := time.Now()
			if err := operation.run(); err != nil {
				return nil, fmt.Errorf("%s: %w", operation.name, err)
			}
			if elapsed := time.Since(start).Seconds(); i == 0 || elapsed < seconds[operation.name] {
				seconds[operation.name] = elapsed
			}
		}
	}
	// Of one prime, as peers count it.
	seconds["ntt"] /= float64(p.parameters.QCount())
	return seconds, nil
}

func (p *peer) results() (*results, error) {
	square, err := p.evaluator.MulRelinNew(p.ciphertext, p.ciphertext)
	if err != nil {
		return nil, err
	}
	if err := p.evaluator.Rescale(square, square); err != nil {
		return nil, err
	}
	output := &results{Rotations: map[string][]float64{}}
	if output.Square, err = p.decrypt(square); err != nil {
		return nil, err
	}
	for _, rotation := range p.input.Rotations {
		rotated, err := p.evaluator.RotateNew(p.ciphertext, rotation)
		if err != nil {
			return nil, err
		}
		if output.Rotations[fmt.Sprint(rotation)], err = p.decrypt(rotated); err != nil {
			return nil, err
		}
	}
	return output, nil
}

func (p *peer) decrypt(ciphertext *rlwe.Ciphertext) ([]float64, error) {
	values := make([]float64, p.parameters.MaxSlots())
	if err := p.encoder.Decode(p.decryptor.DecryptNew(ciphertext), values); err != nil {
		return nil, err
	}
	return values[:len(p.input.Values)], nil
}
