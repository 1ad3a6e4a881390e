; demo.scm: shows what the plug-in does on one picture; called by ./dev demo.
; SPDX-License-Identifier: GPL-3.0-or-later

; What is shown: file name, what it is, procedure, its arguments.
(define convnet-demo-shows
  (list
   (list "edges.png" "Sobel, the lecture's edge detector, as absolute values"
         plug-in-convnet-convolve #:kernel "sobel" #:response "absolute")
   (list "relief.png" "emboss of the luminance alone"
         plug-in-convnet-convolve #:kernel "emboss" #:channels "luminance")
   (list "sharpened.png" "unsharp mask"
         plug-in-convnet-convolve #:kernel "unsharp")
   (list "motion.png" "motion blur, in linear light"
         plug-in-convnet-convolve #:kernel "motion-blur" #:encoding "linear" #:border "reflect")
   (list "feature-map.png" "a network layer's map: sum over channels, stride 2, ReLU"
         plug-in-convnet-convolve #:kernel "horizontal-edge" #:channels "sum" #:stride 2
         #:activation "relu" #:output "new-image")
   (list "pooled.png" "max pooling, 12×12"
         plug-in-convnet-pool #:kind "max" #:window-width 12 #:window-height 12)
   (list "upscaled.png" "twice the size, by a network that has learned it from photographs"
         plug-in-convnet-upscale #:method "learned" #:factor 2)
   (list "feature-maps.png" "what the first, the middle and the last stage of a network see"
         plug-in-convnet-feature-maps #:model "cifar-net" #:layers "conv1, add1, add2"
         #:strongest 12 #:colours "viridis" #:output "contact-sheet")
   (list "classified.png" "where a frog is likely, in windows that slide over the picture"
         plug-in-convnet-classify #:model "cifar-net" #:class "frog" #:window 100
         #:heat-map "probability")))

(define (convnet-demo-seconds since)
  (let ((now (gettimeofday)))
    (/ (round (/ (+ (* 1000000 (- (car now) (car since))) (- (cadr now) (cadr since))) 10000))
       100)))

(define (convnet-demo-show picture folder name what procedure arguments)
  (let* ((image (car (gimp-file-load RUN-NONINTERACTIVE picture)))
         (layer (car (gimp-image-merge-visible-layers image CLIP-TO-IMAGE)))
         (start (gettimeofday))
         (values (apply procedure
                        (append (list #:run-mode RUN-NONINTERACTIVE
                                      #:image image
                                      #:drawables (vector layer))
                                arguments)))
         (seconds (convnet-demo-seconds start))
         (result (cadr values))
         (path (string-append folder "/" name)))
    (gimp-file-save RUN-NONINTERACTIVE result path)
    (display (string-append path "  " what "  (" (number->string seconds) " s)"))
    (newline)
    (if (not (= result image)) (gimp-image-delete result))
    (gimp-image-delete image)))

(define (convnet-demo picture folder)
  (for-each
   (lambda (show)
     (convnet-demo-show picture folder (car show) (cadr show) (caddr show) (cdddr show)))
   convnet-demo-shows))
