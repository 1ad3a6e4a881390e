; bench.scm: how long convolutions of 5×5 take in GIMP, side by side; `bench` runs it.
; SPDX-License-Identifier: GPL-3.0-or-later

(define (seconds-since start)
  (let ((now (gettimeofday)))
    (+ (- (car now) (car start)) (/ (- (cadr now) (cadr start)) 1000000.0))))

; The rows of the kernel, which both get; the second is no product of a column and a row.
(define kernels
  '(("blur (separable)" (1 4 6 4 1) (4 16 24 16 4) (6 24 36 24 6) (4 16 24 16 4) (1 4 6 4 1))
    ("dense" (3 -1 4 1 -5) (9 -2 6 5 3) (5 8 12 9 7) (9 -3 2 3 -8) (4 6 2 -6 4))))

(define (text-of kernel)
  (apply string-append
         (map (lambda (row)
                (string-append (apply string-append
                                      (map (lambda (n) (string-append (number->string n) " ")) row))
                               ";"))
              (cdr kernel))))

(define (gegl-matrix layer kernel)
  (let ((n (apply append (cdr kernel))))
    (define (at i) (list-ref n i))
    (gimp-drawable-merge-new-filter layer "gegl:convolution-matrix" "" LAYER-MODE-REPLACE 1.0
      "a1" (at 0) "a2" (at 1) "a3" (at 2) "a4" (at 3) "a5" (at 4)
      "b1" (at 5) "b2" (at 6) "b3" (at 7) "b4" (at 8) "b5" (at 9)
      "c1" (at 10) "c2" (at 11) "c3" (at 12) "c4" (at 13) "c5" (at 14)
      "d1" (at 15) "d2" (at 16) "d3" (at 17) "d4" (at 18) "d5" (at 19)
      "e1" (at 20) "e2" (at 21) "e3" (at 22) "e4" (at 23) "e5" (at 24)
      "normalize" FALSE "divisor" 256.0)))

(define (our-operation layer kernel)
  (gimp-drawable-merge-new-filter layer "convnet:convolve" "" LAYER-MODE-REPLACE 1.0
    "kernel" (text-of kernel) "divisor" 256.0))

(define (our-procedure layer kernel)
  (plug-in-convnet-convolve #:run-mode RUN-NONINTERACTIVE #:image (car (gimp-item-get-image layer))
    #:drawables (vector layer) #:kernel (text-of kernel) #:divisor 256))

; What GIMP takes to run any operation: one that does next to nothing.
(define (invert layer kernel)
  (gimp-drawable-merge-new-filter layer "gegl:invert-gamma" "" LAYER-MODE-REPLACE 1.0))

(define filters
  (list (cons "gegl:convolution-matrix" gegl-matrix) (cons "convnet:convolve" our-operation)
        (cons "plug-in-convnet-convolve" our-procedure) (cons "gegl:invert-gamma" invert)))

; A layer of noise, some of it transparent, as the original of all.
(define (make-image width height)
  (let* ((image (car (gimp-image-new width height RGB)))
         (layer (car (gimp-layer-new image "noise" width height RGBA-IMAGE 100 LAYER-MODE-NORMAL))))
    (gimp-image-undo-disable image)
    (gimp-image-insert-layer image layer 0 0)
    (gimp-context-set-foreground '(128 120 100))
    (gimp-drawable-edit-fill layer FILL-FOREGROUND)
    (gimp-drawable-merge-new-filter layer "gegl:noise-rgb" "" LAYER-MODE-REPLACE 1.0
      "red" 0.5 "green" 0.5 "blue" 0.5 "alpha" 0.3)
    image))

(define (measure filter kernel image)
  (let* ((original (vector-ref (car (gimp-image-get-layers image)) 0))
         (layer (car (gimp-layer-copy original))))
    (gimp-image-insert-layer image layer 0 0)
    (let ((start (gettimeofday)))
      ((cdr filter) layer kernel)
      (let ((seconds (seconds-since start)))
        (gimp-image-remove-layer image layer)
        seconds))))

; The least of some rounds, in which all take turns: other programs take time from all.
(define (least-of rounds kernel image)
  (let loop ((n rounds) (best (map (lambda (filter) 1e9) filters)))
    (if (= n 0)
        best
        (loop (- n 1)
              (map (lambda (filter before) (min before (measure filter kernel image)))
                   filters best)))))

(define (bench width height rounds)
  (let ((image (make-image width height)))
    (for-each
     (lambda (kernel)
       (let ((times (least-of rounds kernel image)))
         (for-each
          (lambda (filter time)
            (for-each display
                      (list (car kernel) ", " width "×" height ", " (car filter) ": " time " s, "
                            (/ (round (* 10 (/ (car times) time))) 10) " times as fast"))
            (newline))
          filters times)))
     kernels)
    (gimp-image-delete image)))
