// CKKS operations of Lattigo at the ring and modulus of this project's own engine, on one thread. Prints one JSON object:
// the seconds of each operation or, with a vectors file, what they compute from given values, so that libraries can be
// compared number by number.
//
//	go run . [-log-n 16] [-repetitions 5] [-vectors vectors.json]
//
// vectors.json: {"values": [...], "weights": [...], "rotations": [...]}, as many weights as values; other slots are zero.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
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
	Weights   []float64 `json:"weights"`
	Rotations []int     `json:"rotations"`
}

type results struct {
	Square    []float64            `json:"square"`
	Product   []float64            `json:"product"`
	Rotations map[string][]float64 `json:"rotations"`
}

type report struct {
	Library       string             `json:"library"`
	RingDimension int                `json:"ringDimension"`
	SpecialPrimes int                `json:"specialPrimes"`
	LogQP         float64            `json:"logQP"`
	ScaleBits     int                `json:"scaleBits"`
	Threads       int                `json:"threads"`
	Seconds       map[string]float64 `json:"seconds,omitempty"`
	Results       *results           `json:"results,omitempty"`
}

func main() {
	logN := flag.Int("log-n", 16, "log2 of the ring dimension")
	repetitions := flag.Int("repetitions", 5, "measurements of each operation; their median counts")
	file := flag.String("vectors", "", "JSON file of values to run the operations on, instead of measuring")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	if err := run(*logN, *repetitions, *file); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(logN, repetitions int, file string) error {
	parameters, err := newParameters(logN)
	if err != nil {
		return err
	}
	output := report{
		Library:       "Lattigo " + version,
		RingDimension: parameters.N(),
		SpecialPrimes: parameters.PCount(),
		LogQP:         parameters.LogQP(),
		ScaleBits:     scalingPrimeBits,
		Threads:       1,
	}
	if file == "" {
		output.Seconds, err = measure(parameters, repetitions)
	} else {
		output.Results, err = compute(parameters, file)
	}
	if err != nil {
		return err
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

// peer holds keys for some rotations, and one encrypted vector.
type peer struct {
	parameters ckks.Parameters
	encoder    *ckks.Encoder
	encryptor  *rlwe.Encryptor
	decryptor  *rlwe.Decryptor
	evaluator  *ckks.Evaluator
	ciphertext *rlwe.Ciphertext
}

func newPeer(parameters ckks.Parameters, rotations []int, values []float64) (*peer, error) {
	generator := rlwe.NewKeyGenerator(parameters)
	secret := generator.GenSecretKeyNew()
	keys := rlwe.NewMemEvaluationKeySet(generator.GenRelinearizationKeyNew(secret),
		generator.GenGaloisKeysNew(parameters.GaloisElements(rotations), secret)...)
	result := &peer{
		parameters: parameters,
		encoder:    ckks.NewEncoder(parameters),
		encryptor:  rlwe.NewEncryptor(parameters, secret),
		decryptor:  rlwe.NewDecryptor(parameters, secret),
		evaluator:  ckks.NewEvaluator(parameters, keys),
	}
	var err error
	result.ciphertext, err = result.encrypt(values)
	return result, err
}

func (p *peer) encode(values []float64) (*rlwe.Plaintext, error) {
	plaintext := ckks.NewPlaintext(p.parameters, p.parameters.MaxLevel())
	return plaintext, p.encoder.Encode(values, plaintext)
}

func (p *peer) encrypt(values []float64) (*rlwe.Ciphertext, error) {
	plaintext, err := p.encode(values)
	if err != nil {
		return nil, err
	}
	return p.encryptor.EncryptNew(plaintext)
}

func (p *peer) decrypt(ciphertext *rlwe.Ciphertext) ([]float64, error) {
	values := make([]float64, p.parameters.MaxSlots())
	return values, p.encoder.Decode(p.decryptor.DecryptNew(ciphertext), values)
}

// measure returns the seconds of each operation on a full ciphertext at the top level.
func measure(parameters ckks.Parameters, repetitions int) (map[string]float64, error) {
	hoisted := make([]int, hoistedRotations)
	for i := range hoisted {
		hoisted[i] = i + 1
	}
	values := make([]float64, parameters.MaxSlots())
	for i := range values {
		values[i] = math.Sin(float64(i))
	}
	p, err := newPeer(parameters, hoisted, values)
	if err != nil {
		return nil, err
	}
	ring := parameters.RingQ().AtLevel(parameters.MaxLevel())
	poly := ring.NewPoly()
	operations := []struct {
		name string
		run  func() error
	}{
		{"ntt", func() error { ring.NTT(p.ciphertext.Value[0], poly); return nil }},
		{"encode", func() error { _, err := p.encode(values); return err }},
		{"encrypt", func() error { _, err := p.encrypt(values); return err }},
		{"square", func() error { _, err := p.evaluator.MulRelinNew(p.ciphertext, p.ciphertext); return err }},
		{"rotation", func() error { _, err := p.evaluator.RotateNew(p.ciphertext, 1); return err }},
		{"hoistedRotations", func() error { _, err := p.evaluator.RotateHoistedNew(p.ciphertext, hoisted); return err }},
	}
	seconds := map[string]float64{}
	for _, operation := range operations {
		if seconds[operation.name], err = median(repetitions, operation.run); err != nil {
			return nil, fmt.Errorf("%s: %w", operation.name, err)
		}
	}
	// Of one prime, as peers count it.
	seconds["ntt"] /= float64(parameters.QCount())
	return seconds, nil
}

func median(repetitions int, run func() error) (float64, error) {
	times := make([]float64, repetitions)
	for i := range times {
		start := time.Now()
		if err := run(); err != nil {
			return 0, err
		}
		times[i] = time.Since(start).Seconds()
	}
	slices.Sort(times)
	return times[repetitions/2], nil
}

// compute returns what the operations make of the vectors in a file.
func compute(parameters ckks.Parameters, file string) (*results, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var input vectors
	if err := json.Unmarshal(text, &input); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	p, err := newPeer(parameters, input.Rotations, input.Values)
	if err != nil {
		return nil, err
	}
	square, err := p.evaluator.MulRelinNew(p.ciphertext, p.ciphertext)
	if err != nil {
		return nil, err
	}
	weights, err := p.encode(input.Weights)
	if err != nil {
		return nil, err
	}
	product, err := p.evaluator.MulNew(p.ciphertext, weights)
	if err != nil {
		return nil, err
	}
	output := &results{Rotations: map[string][]float64{}}
	if output.Square, err = p.decrypt(square); err != nil {
		return nil, err
	}
	if output.Product, err = p.decrypt(product); err != nil {
		return nil, err
	}
	for _, rotation := range input.Rotations {
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
